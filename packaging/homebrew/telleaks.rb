# For a tap; the release job writes the sums. `brew install --build-from-source` builds without them.
class Telleaks < Formula
  desc "Secret-scanning linter for leaked Telnyx credentials"
  homepage "https://github.com/telleaks/telleaks"
  version "0.2.0"
  license "MIT"
  head "https://github.com/telleaks/telleaks.git", branch: "main"

  depends_on "rust" => :build if build.head?

  on_macos do
    on_intel do
      url "https://github.com/telleaks/telleaks/releases/download/v0.2.0/telleaks-v0.2.0-x86_64-apple-darwin.tar.gz"
      sha256 "SHA256_x86_64-apple-darwin"
    end
    on_arm do
      url "https://github.com/telleaks/telleaks/releases/download/v0.2.0/telleaks-v0.2.0-aarch64-apple-darwin.tar.gz"
      sha256 "SHA256_aarch64-apple-darwin"
    end
  end

  on_linux do
    on_intel do
      url "https://github.com/telleaks/telleaks/releases/download/v0.2.0/telleaks-v0.2.0-x86_64-unknown-linux-gnu.tar.gz"
      sha256 "SHA256_x86_64-unknown-linux-gnu"
    end
    on_arm do
      url "https://github.com/telleaks/telleaks/releases/download/v0.2.0/telleaks-v0.2.0-aarch64-unknown-linux-gnu.tar.gz"
      sha256 "SHA256_aarch64-unknown-linux-gnu"
    end
  end

  def install
    if build.head?
      system "cargo", "install", *std_cargo_args
      generate_completions_from_executable(bin/"telleaks", "completions")
    else
      bin.install "telleaks"
      man1.install Dir["man/*.1"]
      bash_completion.install "completions/telleaks.bash" => "telleaks"
      zsh_completion.install "completions/_telleaks"
      fish_completion.install "completions/telleaks.fish"
    end
  end

  test do
    (testpath/"clean.txt").write "nothing\n"
    assert_match "No leaks found", shell_output("#{bin}/telleaks scan #{testpath}/clean.txt")
    key = ["KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG"].join("_")
    (testpath/"leak.env").write "#{key}\n"
    assert_match "telnyx-api-key", shell_output("#{bin}/telleaks scan #{testpath}/leak.env", 1)
  end
end
