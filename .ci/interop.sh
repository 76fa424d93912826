#!/usr/bin/env bash
# Installs Kafka's clients of other languages and its tools into interop/target, and runs them against a broker process.
# A client that cannot be installed is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(kcat python3-confluent-kafka python3-kafka)
command -v node >/dev/null && command -v npm >/dev/null || packages+=(nodejs npm)
missing=()
for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

target=$PWD/interop/target
mkdir -p "$target/node"
cp interop/node/package.json "$target/node/"
(cd "$target/node" && npm install --no-audit --no-fund --loglevel=error)
mvn -B -q -f interop/tools/pom.xml dependency:copy-dependencies "-DoutputDirectory=$target/tools"

mvn -B -pl interop -am -Pinterop \
    -Dtest=NoUnitTests -Dsurefire.failIfNoSpecifiedTests=false \
    '-Dit.test=*Interop' -Dfailsafe.failIfNoSpecifiedTests=false \
    verify "$@"
