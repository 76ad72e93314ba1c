{
  description = "telleaks, a secret-scanning linter for leaked Telnyx credentials";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forAll = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
      manifest = (nixpkgs.lib.importTOML ./Cargo.toml).package;
    in
    {
      packages = forAll (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = manifest.name;
          version = manifest.version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          # libgit2, zlib and zstd are built from the crates' own sources.
          nativeBuildInputs = [ pkgs.installShellFiles ];
          nativeCheckInputs = [ pkgs.git ];
          # The tests start servers, shells and git; `nix flake check` is not the place for them.
          doCheck = false;
          postInstall = ''
            $out/bin/telleaks man --dir man
            installManPage man/*.1
            for shell in bash zsh fish; do
              $out/bin/telleaks completions $shell > completions.$shell
            done
            installShellCompletion --cmd telleaks \
              --bash completions.bash --zsh completions.zsh --fish completions.fish
          '';
          meta = {
            description = manifest.description;
            homepage = manifest.repository;
            license = pkgs.lib.licenses.mit;
            mainProgram = "telleaks";
          };
        };
      });
    };
}
