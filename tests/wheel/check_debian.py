"""The wheel on Debian's own newest Python, without a container or a virtual machine.

    sudo python tests/wheel/check_debian.py [--suite trixie] [--python 3.13] [--ticks 96]

Unpacks the suite's packages into a root folder of its own and enters that by chroot: then the
wheel is installed there with the newest versions inside the ranges, a day is run, and its tables
are held to those of a run from the checkout. Nothing of this machine's own packages is touched.
Needs apt, dpkg-deb, root, and a package index that pip knows.
"""

from __future__ import annotations

import argparse
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

from check_wheel import ROOT, build, call, compare, run_folder

PACKAGES = ("bash", "ca-certificates", "coreutils", "libstdc++6", "tzdata")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# What tells where the network and the package index are.
SETTINGS = ("etc/hosts", "etc/resolv.conf", "etc/pip.conf")
USER_SETTINGS = ".config/pip/pip.conf"
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--suite", default="trixie", help="Debian suite")
    parser.add_argument("--python", default="3.13", help="its Python")
    parser.add_argument("--ticks", type=int, default=96, help="length of the run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        root = unpack(scratch, options.suite, f"python{options.python}")
        wheel = build(scratch / "dist")
        home = root / "check"
        home.mkdir()
        shutil.copy(wheel, home)
        if (own := Path.home() / USER_SETTINGS).is_file():
            (home / USER_SETTINGS).parent.mkdir(parents=True)
            shutil.copy(own, home / USER_SETTINGS)
        # pip and not uv, which finds no interpreter where there is no /proc.
        enter(root, f"python{options.python} -m venv env")
        enter(root, f"env/bin/pip install --quiet {wheel.name} && env/bin/pip freeze")
        run = f"run trading_day --set ticks={options.ticks} --out"
        enter(root, f"mkdir empty && cd empty && ../env/bin/p2p-cosim {run} ../installed")
        command = [sys.executable, "-m", "p2p_cosim", *run.split(), scratch / "checkout"]
        call(command, cwd=ROOT)
        compare(run_folder(home / "installed"), run_folder(scratch / "checkout"))


def unpack(scratch: Path, suite: str, python: str) -> Path:
    """A folder with the packages' files, and their libraries; the configuration is not run."""
    apt, root = scratch / "apt", scratch / "root"
    for folder in ("lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True)
    (apt / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror()} {suite} main\n")
    (apt / "status").touch()
    settings = {
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": apt / "lists",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "Debug::NoLocking": "1",
    }
    get = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in settings.items())]
    call([*get, "update"], cwd=scratch)
    wanted = [python, f"{python}-venv", *PACKAGES]
    call([*get, "install", "--no-install-recommends", "--download-only", *wanted], cwd=scratch)
    # /bin, /lib and the like are links into /usr, which a package of its own would make.
    for name in ("bin", "lib", "lib64", "sbin"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    for package in sorted((apt / "cache" / "archives").glob("*.deb")):
        with subprocess.Popen(
            ["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE
        ) as tar:
            subprocess.run(
                ["tar", "-x", "--keep-directory-symlink", "-C", root], stdin=tar.stdout, check=True
            )
    for name in ("tmp", "usr/local/bin", "etc/ssl/certs"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in SETTINGS:
        if (source := Path("/", name)).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, root / name)
    authorities = ssl.get_default_verify_paths().cafile or f"/{CERTIFICATES}"
    shutil.copy(authorities, root / CERTIFICATES)
    return root


def mirror() -> str:
    """Where this machine has Debian's packages from."""
    known = call(["apt-get", "indextargets", "--format", "$(REPO_URI)"], ROOT, quiet=True)
    return next(uri for uri in known.splitlines() if uri.rstrip("/").endswith("/debian"))


def enter(root: Path, command: str) -> None:
    """Run a command of the shell in the root folder's /check."""
    print("#", command, file=sys.stderr, flush=True)
    chroot = shutil.which("chroot", path=f"{os.environ['PATH']}:/usr/sbin") or "chroot"
    kept = {key: os.environ[key] for key in os.environ if key.startswith("PIP_")}
    subprocess.run(
        [chroot, root, "/bin/bash", "-euc", f"cd /check; {command}"],
        env={
            **kept,
            "HOME": "/check",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "SSL_CERT_FILE": f"/{CERTIFICATES}",
        },
        check=True,
    )


if __name__ == "__main__":
    main()
