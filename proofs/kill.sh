#!/usr/bin/env bash
# Real processes, real sockets, real signals: `twins` and `serve` side by side, webhooks on, must end with the same
# projection as `demo --once` of the same seed – undisturbed, with 20 x kill -9 of serve, with replies that arrive while
# serve stands still (SIGSTOP after its bytes have left, SIGCONT later), and with a kill in that very moment.
#
#   proofs/kill.sh                     all four; about ten minutes
#   proofs/kill.sh calm|kill|stop|gap  one of them
#   SEED=9 ORDERS=60 PACE=1500 KILLS=20 BIN=target/release/ml-connector proofs/kill.sh kill
#
# Needs bash and curl. Exits 1 at the first difference and prints the line that replays it.
set -euo pipefail
cd "$(dirname "$0")/.."

BIN=$(realpath "${BIN:-target/debug/ml-connector}")
SEED=${SEED:-7} ORDERS=${ORDERS:-30} PACE=${PACE:-1500} KILLS=${KILLS:-20} PORT=${PORT:-28700}
PATIENCE=${PATIENCE:-420} # seconds until the projection must be the wanted one
RANDOM=$SEED

[ -x "$BIN" ] || { echo "no $BIN: cargo build -p ml-connector, or set BIN" >&2; exit 2; }
scratch=$(mktemp -d)
twins_pid="" serve_pid=""
finish() {
  for pid in $serve_pid $twins_pid; do kill -CONT "$pid" 2>/dev/null && kill -9 "$pid" 2>/dev/null || true; done
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

world=(--seed "$SEED" --orders "$ORDERS" --pace "$PACE" --release-span 40)
ask() { curl -fsS --max-time 10 "http://127.0.0.1:$PORT/_twin/$1"; }
projection() { ask projection/sha256 | grep -oE '[0-9a-f]{64}' || true; }
nap() { sleep "$(printf '%d.%03d' "$(($1 / 1000))" "$(($1 % 1000))")"; }
between() { echo $(($1 + RANDOM % ($2 - $1 + 1))); } # milliseconds

serve() {
  "$BIN" serve --config "$folder/serve.toml" >>"$folder/serve.log" 2>&1 &
  serve_pid=$!
}
kill_serve() {
  kill -9 "$serve_pid" 2>/dev/null || true
  wait "$serve_pid" 2>/dev/null || true
}

start() { # a fresh world and a fresh database
  folder="$scratch/$1"
  mkdir "$folder"
  "$BIN" twins "${world[@]}" --port "$PORT" --write-config "$folder/serve.toml" \
    --serve-listen "127.0.0.1:$((PORT + 9))" --serve-store "sqlite://$folder/serve.db" >"$folder/twins.log" 2>&1 &
  twins_pid=$!
  for _ in $(seq 100); do ask status >/dev/null 2>&1 && break; sleep 0.1; done
  serve
}

fail() {
  echo "FAILED $1: $2" >&2
  echo "replay: SEED=$SEED ORDERS=$ORDERS PACE=$PACE KILLS=$KILLS proofs/kill.sh $1" >&2
  # The database of the failed run is evidence.
  kill -TERM "$serve_pid" 2>/dev/null && wait "$serve_pid" 2>/dev/null || true
  ask projection >"$folder/projection.json" || true
  cp -r "$folder" "${TMPDIR:-/tmp}/ml-kill-$1"
  echo "evidence: ${TMPDIR:-/tmp}/ml-kill-$1" >&2
  tail -n 30 "$folder/serve.log" >&2
  exit 1
}

settle() { # name, words, kills: until the projection is the wanted one, and stays so
  local began=$SECONDS
  until [ "$(projection)" = "$wanted" ]; do
    [ $((SECONDS - began)) -lt "$PATIENCE" ] || fail "$1" "another projection after $PATIENCE s: $(projection)"
    kill -0 "$serve_pid" 2>/dev/null || fail "$1" "serve has ended by itself"
    sleep 1
  done
  sleep 12 # polls and webhooks that come late must change nothing
  [ "$(projection)" = "$wanted" ] || fail "$1" "the projection did not stay"
  local broken
  broken=$(ask broken)
  [ -z "$(tr -d ' ' <<<"$broken" | grep -oE '\[[^]]')" ] || fail "$1" "broken: $broken"
  # A process that was killed takes the wait it was told with it: the next one asks once, and is told again.
  local undercut
  undercut=$(tr -d ' ' <<<"$broken" | grep -oE '"undercut":\{[^}]*' | { grep -oE ':[0-9]+' || true; } | tr -d : | awk '{ n += $1 } END { print n + 0 }')
  [ "${undercut:-0}" -le "$3" ] || fail "$1" "waits undercut $undercut times after $3 kills: $broken"
  kill -TERM "$serve_pid" && wait "$serve_pid" 2>/dev/null || true
  "$BIN" trail verify --config "$folder/serve.toml" >"$folder/trail.log" 2>&1 || fail "$1" "$(cat "$folder/trail.log")"
  kill -9 "$twins_pid" 2>/dev/null || true
  wait "$twins_pid" 2>/dev/null || true
  echo "ok $1: ${2}projection $(cut -c1-12 <<<"$wanted")…, $((SECONDS - began)) s after the last blow; $(tail -n 1 "$folder/trail.log")"
}

calm() {
  start calm
  settle calm "" 0
}

killed() {
  start kill
  for _ in $(seq "$KILLS"); do
    nap "$(between 300 3500)"
    kill_serve
    nap "$(between 0 700)"
    serve
  done
  settle kill "$KILLS x kill -9, " "$KILLS"
}

# The twins stand still first: requests leave serve and wait in the socket. Then serve stands still and the twins go on:
# the effect happens, the reply waits. What becomes of serve then is the caller's.
reply_waits() {
  kill -STOP "$twins_pid"
  nap "$(between 400 1500)"
  kill -STOP "$serve_pid"
  kill -CONT "$twins_pid"
}

stopped() {
  start stop
  for _ in $(seq 10); do
    nap "$(between 1000 3500)"
    reply_waits
    nap "$(between 1000 6000)"
    kill -CONT "$serve_pid"
  done
  settle stop "10 x SIGSTOP after the bytes have left, " 0
}

gap() {
  start gap
  for _ in $(seq 10); do
    nap "$(between 1000 3500)"
    reply_waits
    nap "$(between 500 1500)"
    kill_serve
    nap "$(between 0 700)"
    serve
  done
  settle gap "10 x kill -9 between effect and reply, " 10
}

wanted=$("$BIN" demo --once --json "${world[@]}" | grep -oE '"projection_sha256": *"[0-9a-f]{64}"' | grep -oE '[0-9a-f]{64}')
[ -n "$wanted" ] || { echo "demo --once gave no projection" >&2; exit 1; }
echo "wanted: $wanted (seed $SEED, $ORDERS orders, pace $PACE)"
case "${1:-all}" in
calm) calm ;;
kill) killed ;;
stop) stopped ;;
gap) gap ;;
all) calm && killed && stopped && gap ;;
*) echo "calm, kill, stop, gap or nothing" >&2 && exit 2 ;;
esac
