"""Rows: what telleaks makes of the answers to its probe, and whether a key goes where it must not. A server on this machine answers.

For telleaks only: its option --probe-url takes an address of this machine. The others send a key to Telnyx's own host and cannot be led here."""
import http.server
import json
import subprocess
import threading
import time

SECTION = "The probe (a server on this machine answers; the others cannot be led to it)"

BALANCE = json.dumps({"data": {"record_type": "balance", "balance": "1.00", "currency": "USD"}})
GONE = json.dumps({"errors": [{"code": "10009", "title": "Authentication failed", "detail": "No key found matching the ID"}]})
JSON = "application/json"

# Name, text, status, headers, body, the verdict that is right, and how many requests are right for one key.
PROBES = [
    ("P1", "200 with a balance", 200, {}, BALANCE, "active"),
    ("P2", "401", 401, {}, GONE, "inactive"),
    ("P3", "403", 403, {}, "{}", None),
    ("P4", "404", 404, {}, "{}", "unknown"),
    ("P5", "500", 500, {}, "{}", "unknown"),
    ("P6", "503", 503, {}, "{}", "unknown"),
    ("P7", "429, Retry-After 3600", 429, {"Retry-After": "3600"}, "{}", "unknown"),
    ("P8", "302 to another host of this machine", 302, {"Location": "ELSEWHERE"}, "", "unknown"),
    ("P9", "302 to itself", 302, {"Location": "/v2/balance"}, "", "unknown"),
    ("P10", "200 with a page of a hotel", 200, {"Content-Type": "text/html"}, "<html>Welcome</html>", "unknown"),
    ("P11", "accepts, never answers", None, {}, "", "unknown"),
    ("P12", "a body of 4 GB", 200, {"Content-Length": str(4 << 30)}, "x" * 65536, "unknown"),
]


class Server:
    def __init__(self, status, headers, body):
        self.requests, self.elsewhere = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests.append(self.headers.get("Authorization", ""))
                if status is None:
                    time.sleep(60)
                    return
                self.send_response(status)
                for name, value in {"Content-Type": JSON, "Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value.replace("ELSEWHERE", f"http://127.0.0.2:{outer.other.server_port}/"))
                self.end_headers()
                try:
                    self.wfile.write(body.encode())
                    for _ in range(1 << 16 if len(body) > 60_000 else 0):
                        self.wfile.write(body.encode())
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        class Other(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.elsewhere.append(self.headers.get("Authorization", ""))

            def log_message(self, *_):
                pass

        self.here = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.other = http.server.ThreadingHTTPServer(("127.0.0.2", 0), Other)
        for server in (self.here, self.other):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def close(self):
        for server in (self.here, self.other):
            server.shutdown()
            server.server_close()


def run(tool, one, place, folder, limit):
    """(right, text of the cell)"""
    _, _, status, headers, body, right = one
    server = Server(status, headers, body)
    for number in range(20):
        place.put(f"{number}.env", f'TELNYX_API_KEY="{(place.keys or [place.key()])[0]}"\n')
    url = f"http://127.0.0.1:{server.here.server_port}"
    words = [tool.path, "scan", "--no-progress", "--probe", "--probe-url", url, "--format", "jsonl", place.scan]
    begun = time.monotonic()
    try:
        done = subprocess.run(words, capture_output=True, timeout=limit, env={"HOME": folder, "PATH": "/usr/bin:/bin"})
    except subprocess.TimeoutExpired:
        return False, f"no end in {limit} s"
    finally:
        server.close()
    first = json.loads(done.stdout.splitlines()[0]) if done.stdout else {}
    verdict = (first.get("liveness") or {}).get("status") or (first.get("liveness") or {}).get("state")
    requests, sent = len(server.requests), sum(bool(one) for one in server.elsewhere)
    text = f"{verdict}; {requests} {'request' if requests == 1 else 'requests'}; {time.monotonic() - begun:.0f} s; exit {done.returncode}"
    if sent:
        text += "; **KEY SENT ELSEWHERE**"
    good = not server.elsewhere and requests <= 2 and (verdict == right or right is None) and done.returncode in ((0, 1) if right == "inactive" else (1,))
    return good, text
