#!/usr/bin/env bash
# Build and test the last commit in a minimal Debian 12: what debootstrap puts there, python3, python3-venv, git and make.
# Usage, as root on Debian or Ubuntu: bash book/_tools/bare.sh       (debootstrap is installed if it is missing)
#   BARE_TEST="tests/site/test_host.py"  arguments for pytest instead of a whole `make test`; "none" for no tests
#   BARE_KEEP=1                          leave the folder, to look around in it
# How packages are found is taken from this machine: Debian's mirror, pip's configuration and the folders that it names.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "make bare needs root, for debootstrap and chroot."; exit 1; }
command -v debootstrap >/dev/null || { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap; }

bare=$(mktemp -d "${TMPDIR:-/tmp}/bare.XXXXXX")
chmod 755 "$bare"  # it becomes the root folder, for an ordinary user too
leave() {
  for place in $(awk -v at="$bare/" 'index($2, at) == 1 {print $2}' /proc/mounts | sort -r); do umount --lazy "$place"; done
  # What is still mounted would be removed from this machine.
  if [ -n "${BARE_KEEP:-}" ] || grep -q " $bare/" /proc/mounts; then echo "Left: $bare"; else rm -rf "$bare" "$bare.log"; fi
}
trap leave EXIT
borrow() {  # a folder is mounted, a file copied
  if [ -d "$1" ]; then mkdir -p "$bare$1"; mount --rbind --make-rslave "$1" "$bare$1"; elif [ -f "$1" ]; then install -D -m 644 "$1" "$bare$1"; fi
}

mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -1)
echo "== A minimal Debian 12 in $bare"
debootstrap --variant=minbase --include=python3,python3-venv,git,make bookworm "$bare" ${mirror:+"$mirror"} >"$bare.log" ||
  { tail -3 "$bare.log"; exit 1; }
named=$({ python3 -m pip config list; env | grep '^PIP_'; } | grep -o "/[^ ',]*" | sed 's,^//,,; s,/simple/*$,,' | sort -u)
for place in /proc /dev /etc/resolv.conf /etc/hosts /etc/apt/apt.conf.d/*proxy* /etc/ssl/certs/ca-certificates.crt \
  /etc/pip.conf /etc/xdg/pip/* $named; do
  borrow "$place"
done

chroot "$bare" useradd --create-home reader
home=$bare/home/reader
git clone --quiet . "$home/ein böser Ordner"
mkdir "$home/unpacked archive"
git archive HEAD | tar -x -C "$home/unpacked archive"
chroot "$bare" chown -R reader: /home/reader

# Nothing of this machine's environment goes in but what says where packages are.
mapfile -t variables < <(env | grep -E '^(PIP_[A-Z_]*|SSL_CERT_FILE|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS|https?_proxy|HTTPS?_PROXY)=')
run() {  # WHO FOLDER COMMAND
  echo "== $1 in '$2': $3"
  chroot --userspec="$1" "$bare" env -i "${variables[@]}" HOME="$(chroot "$bare" sh -c "echo ~$1")" PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    bash -c "cd '/home/reader/$2' && $3"
}
run reader "ein böser Ordner" "make book"
run reader "unpacked archive" "make book"
case "${BARE_TEST:-}" in
  none) ;;
  "") run root "ein böser Ordner" "make test" ;;
  *) run root "ein böser Ordner" "make book browser && .venv/bin/python -m pytest -q $BARE_TEST" ;;
esac
echo "== All of this went well."
