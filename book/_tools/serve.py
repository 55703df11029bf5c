"""Serve the built site on this machine only.

Usage: python book/_tools/serve.py FOLDER PORT
"""

from __future__ import annotations

import errno
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


def main(folder: str, port: str) -> int:
    """Serve until interrupted; 1 if the port cannot be had."""
    if not port.isdigit() or not 0 <= int(port) <= 65535:
        print(f"PORT must be a number from 0 to 65535, got {port!r}. Try: make serve PORT=8080", file=sys.stderr)
        return 1
    try:
        server = ThreadingHTTPServer(("127.0.0.1", int(port)), partial(SimpleHTTPRequestHandler, directory=folder))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "in use" if error.errno == errno.EADDRINUSE else "not allowed"
        print(f"Port {port} is {why}. Choose another: make serve PORT={(int(port) + 81) % 65536}", file=sys.stderr)
        return 1
    with server:
        print(f"Serving on http://localhost:{server.server_port}/ (Ctrl+C stops)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
