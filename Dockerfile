# An image with the program and nothing else: no shell, no library, no user but an unprivileged one.
#
#     docker build -t telleaks .
#     docker run --rm -v "$PWD:/repo:ro" telleaks audit --any-owner
#
# --any-owner, because the files of the host belong to another user than that of the image. Networks are needed for
# --probe only: `docker run --network none` keeps everything else working.
FROM rust:1.93-alpine AS build
# The release of Alpine in the image above decides the versions.
# hadolint ignore=DL3018
RUN apk add --no-cache ca-certificates gcc make musl-dev
WORKDIR /src
COPY Cargo.toml Cargo.lock README.md ./
COPY benches benches
COPY crates crates
COPY rules rules
COPY src src
# Alpine's target is musl, which links statically: the program runs on an empty image.
RUN cargo build --profile dist --locked --bin telleaks
# The whole image: the self-test and the audit of a bundle need a folder for temporary files.
RUN mkdir -p /image/etc/ssl/certs \
    && mkdir -m 1777 /image/tmp \
    && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
    && cp target/dist/telleaks /image/telleaks

FROM scratch
COPY --from=build /image/ /
USER 65534:65534
WORKDIR /repo
ENTRYPOINT ["/telleaks"]
CMD ["scan"]
