#!/bin/bash
# A machine without a network: an engine of its own that holds no image, in a namespace with nothing but lo.
# unshare --net --mount unplugged.sh BUNDLE SERVICE ...
set -eu
bundle=$1
shift
work=$(mktemp -d)
export DOCKER_HOST=unix://$work/docker.sock COMPOSE_PROJECT_NAME=unplugged
finish() {
  [ "$1" = 0 ] || docker compose logs --tail 20 || true
  docker compose down --volumes --timeout 5 > /dev/null 2>&1 || true
  kill "$engine" && wait "$engine" || true
  rm -rf "$work"
}
ip link set lo up
mount -t tmpfs none /run
dockerd --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/pid" --host "$DOCKER_HOST" \
  > "$work/dockerd.log" 2>&1 &
engine=$!
trap 'finish $?' EXIT
for _ in $(seq 60); do docker info > /dev/null 2>&1 && break; sleep 0.5; done
tar -xf "$bundle" -C "$work"
cd "$work/boucle"
docker load --quiet --input images.tar.gz
docker compose up --detach --wait "$@"
for port in 8080/docs 8081; do
  curl --silent --show-error --fail --output /dev/null "http://127.0.0.1:$port" && echo "$port answers"
done
