"""Make the environment: torch's CPU build, the packages, convlib itself.  Any failure is told in pip's own words.

Usage: python book/_tools/install.py FOLDER            (run by the Makefile, with the Python that the environment gets)
       FOLDER/bin/python book/_tools/install.py --usable FOLDER    (exit status 0 if it can be used where it lies)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from alone import alone

ROOT = Path(__file__).resolve().parents[2]
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
# What would send packages elsewhere than into the environment.
ELSEWHERE = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN", "PYTHONHOME")
_ERROR = re.compile(r"\s*(ERROR|error): ")
_UNREACHABLE = re.compile(
    r"NewConnectionError|NameResolutionError|Connect(ion)?Timeout|Read timed out|ProxyError|Max retries exceeded"
    r"|Connection (refused|reset|to \S+ timed out)|name resolution|Network is unreachable"
)


class Failed(Exception):
    """Something could not be installed; the text is for the reader."""


def identity() -> str:
    """What an environment is tied to: the folder that its scripts name, and the Python that its packages are for."""
    return f"{os.path.realpath(sys.prefix)} Python {sys.version_info.major}.{sys.version_info.minor}\n"


def usable(environment: Path) -> bool:
    """Whether this process runs in the environment that was installed here, with the Python that it was made with."""
    return (environment / "installed").read_text(encoding="utf-8") == identity()


def said(output: str) -> list[str]:
    """The lines of a program's output that say why it failed: its own last lines of error, else its very last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if _ERROR.match(line)]
    untrusted = [line for line in lines if "CERTIFICATE_VERIFY_FAILED" in line]
    return [line[:400] for line in untrusted[-1:] + errors[-3:] or lines[-1:] or ["nothing"]]


def reason(output: str) -> str:
    """Those lines, and what they may mean."""
    text = "\n".join(f"  {line}" for line in said(output))
    if _UNREACHABLE.search(output) and "ResolutionImpossible" not in output:
        text += "\nIs there a network? Packages come from PyPI."
    return text


class Installer:
    """Runs the programs that fill one environment, and keeps what they said."""

    def __init__(self, environment: Path, lock: int) -> None:
        self.environment = environment
        self.lock = lock
        self.log = environment / "install.log"
        self.variables = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
        self.variables |= {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}

    def run(self, *command: str) -> subprocess.CompletedProcess:
        """Run a command and add what it says to the log."""
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.variables,
            pass_fds=(self.lock,),
            text=True,
            encoding="utf-8",
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            with self.log.open("a", encoding="utf-8") as log:
                log.write(f"$ {' '.join(command)}\n{done.stdout}\n")
        except OSError:
            pass  # a full disk: what matters is on the screen
        return done

    def need(self, what: str, *command: str) -> None:
        """Run a command; `Failed` says why it failed."""
        done = self.run(*command)
        if done.returncode:
            signal = -done.returncode
            killed = f" It was ended by signal {signal}: is there enough memory?" if signal > 0 else ""
            log = f"\nThe whole log: {self.log}" if self.log.exists() else ""
            program = "pip" if "pip" in command else Path(command[0]).name
            raise Failed(f"Could not {what}.{killed} {program} says:\n{reason(done.stdout)}{log}")

    def pip(self, *arguments: str) -> tuple[str, ...]:
        """The command by which the environment's own pip installs something.

        Python compiles a module when it is imported first; pip would compile all 15,000, for half a minute.
        """
        python = str(self.environment / "bin" / "python")
        return (python, "-m", "pip", "install", "--quiet", "--no-compile", *arguments)

    def torch(self) -> None:
        """Install torch's CPU build, 200 MB where PyPI's may be several GB; where that fails, PyPI's is among the rest.

        PyTorch's own index is asked for this one package only, for pip asks every index for every package.
        """
        wanted = re.search(r"^torch==\S+", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)[0]
        own = ("--no-deps", "--retries", "0", "--timeout", "15", "--index-url", TORCH_INDEX, wanted)
        done = self.run(*self.pip(*own))
        if done.returncode:
            print(f"No CPU build of torch from PyTorch's own index ({said(done.stdout)[-1]}).")
            print("Taking the one on PyPI, which on Linux may be several GB.", flush=True)

    def everything(self) -> None:
        """Make the environment and fill it."""
        self.need(f"make {self.environment}", sys.executable, "-m", "venv", str(self.environment))
        self.torch()
        # Both lists as requirements: against a list of constraints, pip calls what it cannot find a conflict.
        lists = ("-r", "requirements.txt", "-r", "constraints.txt")
        self.need("install the packages", *self.pip(*lists))
        self.need("install convlib", *self.pip("--no-deps", "--no-build-isolation", "--editable", "."))
        if not (self.environment / "bin" / "jupyter-book").exists():
            raise Failed("pip put the packages elsewhere: does its configuration (pip config list) name a target?")
        python = str(self.environment / "bin" / "python")
        self.need("use the environment", python, __file__, "--mark", str(self.environment))


def remove(environment: Path) -> None:
    """Remove an environment, or the link to one that is kept elsewhere."""
    if environment.is_symlink():
        environment.unlink()
    elif environment.exists():
        shutil.rmtree(environment)


def up_to_date(environment: Path) -> bool:
    """Whether everything was installed since the lists of packages last changed."""
    lists = [ROOT / name for name in ("requirements.txt", "constraints.txt", "pyproject.toml")]
    mark = environment / "installed"
    return mark.exists() and mark.stat().st_mtime >= max(path.stat().st_mtime for path in lists)


def still_usable(environment: Path) -> bool:
    """Ask the environment's own Python, which may be gone, whether it can be used."""
    command = [str(environment / "bin" / "python"), __file__, "--usable", str(environment)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def install(environment: Path, lock: int) -> None:
    """Make what is missing; start anew where an installation was killed, or the folder moved."""
    started = environment / "installing"
    if started.exists():
        print(f"An earlier installation into {environment.name} did not end: it is made anew.")
        remove(environment)
    elif (environment / "installed").exists() and not still_usable(environment):
        print(f"{environment.name} was made in another folder, or for another Python: it is made anew.")
        remove(environment)
    print(f"Installing into {environment.name} (minutes, the first time)", flush=True)
    environment.mkdir(exist_ok=True)
    started.touch()
    try:
        Installer(environment, lock).everything()
    except (Failed, OSError):
        started.unlink()  # pip ended in its own way: what it has installed is whole
        raise
    started.unlink()


def main(arguments: list[str]) -> int:
    """Install, or answer the Makefile's question; the exit status says whether it went well."""
    action, environment = arguments[0], Path(arguments[-1]).absolute()
    if action == "--usable":
        return not usable(environment)
    if action == "--mark":
        (environment / "installed").write_text(identity(), encoding="utf-8")
        return 0
    try:
        with alone(ROOT, "this goes on") as (lock, waited):
            if not (waited and up_to_date(environment) and still_usable(environment)):
                install(environment, lock)
    except (Failed, OSError) as error:
        print(error if isinstance(error, Failed) else f"Could not install: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The next `make` installs anew.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
