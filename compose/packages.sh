#!/bin/sh
# Makes /venv in a stage of an image, out of /tmp/requirements.txt and EXTRA_PACKAGES, and takes away
# what a container never uses: UNUSED, which others only ask for, tests and tools; about a third.
set -eu
apt-get update -q && apt-get install -q -y --no-install-recommends binutils  # strip; stays in this stage
python -m venv --without-pip /venv
into_venv() { pip --cache-dir /var/cache/pip --python /venv/bin/python "$@"; }
install() { into_venv install --no-compile --constraint /tmp/constraints.txt "$@"; }
install --requirement /tmp/requirements.txt
# shellcheck disable=SC2086  # several packages
[ -z "${UNUSED:-}" ] || into_venv uninstall --yes $UNUSED
# shellcheck disable=SC2086
[ -z "${EXTRA_PACKAGES:-}" ] || install $EXTRA_PACKAGES
cd /venv/lib/python3*/site-packages

sh /tmp/slim.sh .
find . -name '*.py[ix]' -delete  # types, and what was compiled
# symbols for a debugger; not those of *.libs, which do not survive it
for package in cryptography httptools PIL pysqlite3 sqlalchemy; do
  [ ! -d "$package" ] || find "$package" -name '*.so' -exec strip --strip-unneeded {} +
done

# pip would do it on one processor, tests too; of plotly's 15,000 files 161 are ever loaded
python -m compileall -q -j 0 -x /plotly/ /venv/lib
