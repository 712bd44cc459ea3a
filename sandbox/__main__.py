"""Run `python -m sandbox [options] [-- COMMAND ...]`."""

import sys

_INSTALL = "pip install -r sandbox/requirements.txt"


def _run() -> int:
    try:
        from sandbox.cli import main

        return main(sys.argv[1:])
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package in ("", "sandbox"):
            raise
        print(f"sandbox: {package} is not installed; {_INSTALL}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(_run())
