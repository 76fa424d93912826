#!/usr/bin/env bash
# The resource adapter in WildFly and Open Liberty, which come from Maven Central. Arguments go to Maven:
# -Dit.test=ContextInServer for one class, -Dskip.wildfly or -Dskip.liberty for one server only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mvn -B -Parquillian -pl arquillian -am \
    -Dtest=NoUnitTests -Dsurefire.failIfNoSpecifiedTests=false \
    '-Dit.test=*InServer' -Dfailsafe.failIfNoSpecifiedTests=false \
    verify "$@"
