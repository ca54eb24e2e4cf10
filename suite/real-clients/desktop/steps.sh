# shellcheck shell=bash
# Steps and their report, and waiting. Sourced by roundtrip.sh.
#
# Uses: $work.
# shellcheck disable=SC2154  # set by the script that sources this

steps=0
passed=0

# step TITLE FUNCTION ARGUMENTS...: later steps build on earlier ones, so the first failure ends the run.
step() {
    local title=$1 began=${EPOCHREALTIME/./} verdict=PASS
    shift
    steps=$((steps + 1))
    note=
    "$@" >>"$work/steps.log" 2>&1 || verdict=FAIL
    printf '%2d  %-52s %s  %5.1f s\n' "$steps" "$title" "$verdict" "$(((${EPOCHREALTIME/./} - began) / 100000))e-1"
    [ -z "$note" ] || echo "    ${note//$'\n'/$'\n'    }"
    if [ $verdict = PASS ]; then
        passed=$((passed + 1))
        return
    fi
    evidence
    summary
}

# explain TEXT: for "command || explain TEXT || return 1"; fails, so that the step does.
explain() {
    note=$1
    return 1
}

evidence() {
    local device
    for device in one two; do
        device_complaints "$device" | sed "s/^/    client $device: /"
    done
    tail -n 3 "$work/steps.log" | cut -c1-220 | sed 's/^/    said: /'
    [ ! -e "$work/server.log" ] || tail -n 12 "$work/server.log" | cut -c1-220 | sed 's/^/    server: /'
}

summary() {
    if [ "$passed" = "$steps" ]; then
        echo "PASS: $passed steps"
        exit 0
    fi
    echo "FAIL: step $steps, after $passed that passed"
    exit 1
}

# within SECONDS COMMAND...: true as soon as the command is, false when the time is over.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.2
    done
}

gone() {
    ! kill -0 "$1" 2>/dev/null
}
