#!/bin/sh
# Runs the command with the Node that came along, whatever Node the machine has: npm has put it beside the
# other commands of the packages, here or, where they are shared, further up.
main=$(dirname "$(readlink -f "$0")")/main.ts
folder=$(dirname "$main")
while [ "$folder" != / ] && [ ! -x "$folder/node_modules/.bin/node" ]; do folder=$(dirname "$folder"); done
[ -x "$folder/node_modules/.bin/node" ] && exec "$folder/node_modules/.bin/node" "$main" "$@"
exec node "$main" "$@"
