#!/bin/sh
# Checks the data before it is loaded.
#
#   gate.sh CONNECTION [TABLE]
#
# Needs dqoctl on the PATH, DQOCTL_SERVER, and DQOCTL_TOKEN if the server asks for
# one. Passes with 0: the data may be loaded. Fails with 1: it may not.
set -u

connection=${1:?usage: gate.sh CONNECTION [TABLE]}
table=${2:-*}
verdict=$(mktemp)
trap 'rm -f "$verdict"' EXIT

dqoctl run-checks --connection "$connection" --table "$table" --timeout 30m -o json > "$verdict"
code=$?
case $code in
  0)
    echo "the data of $connection is good"
    exit 0 ;;
  1|2|3)
    echo "bad data in $connection, code $code:" >&2 ;;
  5)
    echo "nothing was checked in $connection: is the name right?" >&2 ;;
  *)
    # Crashed checks, no contact, a lost job: no verdict is no green light.
    echo "no verdict on $connection, code $code:" >&2 ;;
esac
cat "$verdict" >&2
exit 1
