#!/usr/bin/env bash
# The real Nextcloud desktop client against this project's mock server, without a person and without a screen:
# one device sets up encryption and uploads, a second device restores from the twelve words and reads the same
# bytes, both change things, `e2ee-suite inspect` opens and verifies what they have left on the server, and
# `e2ee-suite watch` looks at all that they have sent.
#
#   roundtrip.sh [--mock-server PROGRAM] [--suite PROGRAM] [--debian SUITE] [--api-version VERSION]
#                [--restore mnemonic|keyring] [--keep]
#
# --debian       which Debian root below $E2EE_ROOTS (default ~/e2ee-roots) holds the client; default trixie
# --api-version  what the server announces: 2.0 (default), or 2.1, which client 3.16 does not read
# --restore      how device 2 gets its keys: typed into the client's dialog (default), or laid into its keyring
# --keep         leaves the working folder (logs, keys of the throw-away user) and says where it is
# The programs may also be named by E2EE_MOCK_SERVER and E2EE_SUITE; default: this workspace's release build.
#
# Exit code: 0 all steps passed, 1 one failed, 2 wrong use, 77 the client is not installed (see install.sh).
#
# shellcheck disable=SC2317  # functions are called by name, through step and within
set -uo pipefail
export LC_ALL=C # numbers with a point, and no translated messages

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
programs=$here/../../../target/release
mock_server=${E2EE_MOCK_SERVER:-$programs/e2ee-mock-server}
suite=${E2EE_SUITE:-$programs/e2ee-suite}
roots=${E2EE_ROOTS:-$HOME/e2ee-roots}
debian=trixie
api_version=2.0
restore=mnemonic
keep=no
user=alice
password=pw
folder=vault

# shellcheck source=device.sh
. "$here/device.sh"
# shellcheck source=server.sh
. "$here/server.sh"
# shellcheck source=steps.sh
. "$here/steps.sh"

main() {
    read_arguments "$@"
    preflight
    work=$(mktemp -d) || exit 1
    trap clean_up EXIT
    trap 'exit 130' INT TERM
    mkdir "$work/made" "$work/fetched"

    client=$(client_version) || exit 77
    echo "desktop client $client, API version $api_version"
    step "the mock server answers" server_start
    step "device 1 connects" connect one
    step "device 1 sets up encryption in its dialog" set_up_encryption
    step "device 1 makes and encrypts a folder" encrypt_folder
    step "device 1 uploads a file" upload
    step "the server holds ciphertext only" ciphertext_only
    step "device 1 shows twelve words" read_mnemonic
    if [ "$restore" = mnemonic ]; then
        step "device 2 connects" connect two
        step "device 2 restores by typing the twelve words" restore_by_typing
    else
        step "device 2 starts with the keys in its keyring" restore_by_keyring
    fi
    step "device 2 decrypts the same bytes" decrypted two "$folder/$first" made/first
    step "device 2 uploads, device 1 decrypts" passes_on two one "$folder/$second" made/second
    step "device 1 changes its file, device 2 decrypts" passes_on one two "$folder/$first" made/first
    step "device 2 makes a folder in it, device 1 decrypts" folder_inside
    step "device 1 renames a file, device 2 follows" renames
    step "device 2 deletes a file, device 1 follows" deletes
    step "both devices hold the same" same_tree
    step "no lock is left" no_lock_left
    step "inspect: the folder's document" inspect "$folder_id" "$renamed"
    step "inspect: the inner folder's document" inspect "$inner_id" "$third" --root "$work/fetched/$folder_id.metadata"
    step "watch: the whole traffic" watch_traffic
    summary
}

read_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            --mock-server) mock_server=${2-} ;;
            --suite) suite=${2-} ;;
            --debian) debian=${2-} ;;
            --api-version) api_version=${2-} ;;
            --restore) restore=${2-} ;;
            --keep)
                keep=yes
                shift
                continue
                ;;
            -h | --help)
                sed -n '2,/^# Exit code/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
                exit 0
                ;;
            *) wrong_use "unknown argument \"$1\"" ;;
        esac
        [ $# -ge 2 ] || wrong_use "$1 wants a value"
        shift 2
    done
    case $restore in mnemonic | keyring) ;; *) wrong_use "--restore is mnemonic or keyring, not \"$restore\"" ;; esac
    root=$roots/$debian
}

wrong_use() {
    echo "roundtrip.sh: $1 (--help explains)" >&2
    exit 2
}

preflight() {
    local tool
    if [ ! -x "$root/usr/bin/nextcloud" ]; then
        echo "no desktop client in $root: make the root with install.sh $debian" >&2
        exit 77
    fi
    [ "$(id -u)" = 0 ] || wrong_use "must run as root: each device gets namespaces and mounts of its own"
    for tool in curl python3 unshare nsenter setpriv "$mock_server" "$suite"; do
        command -v "$tool" >/dev/null || wrong_use "cannot run $tool"
    done
}

# --- the steps: each returns 0 or 1, and may leave in $note what there is to say ------------------------------

# Random, as the contents are, so that nothing found later can be a left-over or an accident.
first=first-$RANDOM$RANDOM.bin
second=second-$RANDOM$RANDOM.bin
third=third-$RANDOM$RANDOM.bin
renamed=renamed-$RANDOM$RANDOM.bin
inner=inner-$RANDOM$RANDOM

connect() {
    device_create "$1"
    device_start "$1" || explain "the client did not start" || return 1
    within 20 device_synced "$1" || explain "no run of synchronisation ended within 20 s"
}

set_up_encryption() {
    device_action one opensettings || return 1
    device_widgets one press "Set up encryption" || explain "no such button" || return 1
    # The box that shows the new mnemonic.
    device_widgets one press OK || explain "the client showed no mnemonic" || return 1
    within 10 ocs private-key private-key.json || explain "the server has no private-key blob"
}

encrypt_folder() {
    device_run one mkdir "sync/$folder" || return 1
    # The menu offers encryption even before the server has the folder, but then the client asks for it without an id.
    within 20 device_synced one "/$folder\") FINISHED WITH STATUS" ||
        explain "the client did not send the folder" || return 1
    within 5 menu_offers one ENCRYPT || explain "the client does not offer to encrypt the folder" || return 1
    device_widgets one menu "ENCRYPT:/srv/sync/$folder" >/dev/null || return 1
    within 15 flagged_and_described || explain "the server has no flag or no metadata for the folder" || return 1
    # The box that tells about it; synchronisation goes on behind it, so it may stay.
    device_widgets one press OK 2>/dev/null || true
}

menu_offers() {
    device_widgets "$1" menu "GET_MENU_ITEMS:/srv/sync/$folder" | grep -q "MENU_ITEM:$2"
}

flagged_and_described() {
    folder_id=$(listed "" | awk -F'\t' -v name="$folder" '$1 == name && $5 == "encrypted" { print $2 }')
    [ -n "$folder_id" ] && ocs "meta-data/$folder_id" metadata.json
}

upload() {
    place one "$folder/$first" made/first
    within 30 holds_a_file || explain "the server got no file"
}

holds_a_file() {
    listed "$folder" | grep -q $'\tfile\t'
}

# place DEVICE PATH SOURCE: random bytes, kept in SOURCE. The file is made elsewhere and moved in, so that the client
# never sees half of it.
place() {
    head -c $((60000 + RANDOM)) /dev/urandom >"$work/$3"
    install -o 1000 -g 1000 -m 644 "$work/$3" "$work/$1/arriving"
    mv "$work/$1/arriving" "$work/$1/sync/$2"
}

# Content: longer by the 16 bytes of the tag, and nothing of the plaintext in it. Name: 32 hexadecimal digits.
ciphertext_only() {
    local name size plain_size
    IFS=$'\t' read -r name _ size _ < <(listed "$folder" | grep -P '\tfile\t')
    plain_size=$(stat -c %s "$work/made/first")
    [[ $name =~ ^[0-9a-f]{32}$ ]] || explain "the stored name is \"$name\"" || return 1
    [ "$size" = $((plain_size + 16)) ] || explain "$size bytes are stored for $plain_size of plaintext" || return 1
    authorized "$server/remote.php/dav/files/$user/$folder/$name" -o "$work/fetched/stored" || return 1
    python3 - "$work/made/first" "$work/fetched/stored" <<'PYTHON' || explain "plaintext in the stored bytes" || return 1
import sys
plain, stored = (open(path, "rb").read() for path in sys.argv[1:])
sys.exit(any(plain[i:i + 16] in stored for i in range(0, len(plain) - 16, 16)))
PYTHON
    ocs "meta-data/$folder_id" metadata.json || return 1
    ! grep -q "$first" "$work/fetched/metadata.json" "$work/server.log" ||
        explain "the server has seen the plaintext name"
}

read_mnemonic() {
    device_secret one "${user}_e2e-mnemonic" >"$work/fetched/mnemonic"
    [ "$(wc -w <"$work/fetched/mnemonic")" = 12 ] || explain "the keyring of device 1 holds no twelve words"
}

restore_by_typing() {
    device_action two opensettings || return 1
    device_widgets two press "Set up encryption" || explain "no such button" || return 1
    device_widgets two wait Cancel || explain "no dialog asks for the words" || return 1
    device_widgets two type <"$work/fetched/mnemonic" || explain "no field to type into" || return 1
    device_widgets two press OK || explain "the dialog cannot be confirmed" || return 1
    within 15 keys_restored || explain "the client did not accept the words"
}

keys_restored() {
    device_secret two "${user}_e2e-private" >"$work/fetched/restored" && [ -s "$work/fetched/restored" ]
}

restore_by_keyring() {
    local key
    local -A kinds=([certificate]=base64 [private]=base64 [mnemonic]=plaintext)
    for key in "${!kinds[@]}"; do
        printf '%s\t%s\t%s\n' "$(keyring_name "${user}_e2e-$key")" \
            "${kinds[$key]}" "$(device_secret one "${user}_e2e-$key" | base64 -w0)"
    done >"$work/fetched/entries"
    device_create two "$work/fetched/entries"
    device_start two || explain "the client did not start" || return 1
    within 20 device_synced two || explain "no run of synchronisation ended within 20 s"
}

decrypted() {
    within 40 cmp -s "$work/$3" "$work/$1/sync/$2" && return
    note="the file did not arrive"
    [ ! -e "$work/$1/sync/$2" ] || note="the file arrived with other bytes"
    return 1
}

# passes_on FROM TO PATH SOURCE
passes_on() {
    place "$1" "$3" "$4"
    decrypted "$2" "$3" "$4"
}

folder_inside() {
    device_run two mkdir "sync/$folder/$inner"
    passes_on two one "$folder/$inner/$third" made/third || return 1
    # Its stored name tells nothing; it is the only folder there beside the listed one itself.
    inner_id=$(listed "$folder" | awk -F'\t' -v name="$folder" '$1 != name && $4 == "folder" { print $2 }')
    [ -n "$inner_id" ] || explain "the server does not list the inner folder"
}

renames() {
    device_run one mv "sync/$folder/$first" "sync/$folder/$renamed"
    decrypted two "$folder/$renamed" made/first || return 1
    within 20 vanished two "$folder/$first" || explain "the old name stayed"
}

deletes() {
    device_run two rm "sync/$folder/$second"
    within 40 vanished one "$folder/$second" || explain "the file stayed"
}

vanished() {
    [ ! -e "$work/$1/sync/$2" ]
}

# A conflict would leave a second copy of a file.
same_tree() {
    diff -rq --exclude='.*' "$work/one/sync" "$work/two/sync"
}

no_lock_left() {
    local folder
    for folder in "$folder_id" "$inner_id"; do
        within 15 lock_is_free "$folder" || explain "folder $folder is still locked" || return 1
    done
}

# inspect ID NAME [OPTIONS...]: the document of a folder opens, verifies, and holds NAME and no other file. The exit
# code says that nothing is wrong; the lines are demanded as well, for "not checked" is not wrong.
inspect() {
    local found=$work/fetched/$1.found line
    fetch_folder "$1" && fetch_keys || explain "the server did not hand out all keys and metadata" || return 1
    "$suite" inspect "$work/fetched/$1.metadata" --signature "$work/fetched/$1.signature" --user "$user" \
        --key-blob "$work/fetched/key-blob" --mnemonic-file "$work/fetched/mnemonic" \
        --server-key "$work/fetched/server-key.pem" --certificate "$work/fetched/certificate.pem" "${@:3}" \
        >"$found" || explain "$(grep WRONG "$found")" || return 1
    for line in "signature +valid, by $user" "contents +opened" "files 1" "  $2 "; do
        grep -Eq "$line" "$found" || explain "inspect does not say \"$line\"" || return 1
    done
    note=$(grep -E '^(metadata|signature|contents)|^  (counter|folders|files)' "$found")
}

# What the monitors make of all that both devices have sent. Three names that they gave to files must not be in it. Exit
# code 0 says as well that nothing was left out that could have been looked at.
watch_traffic() {
    local recording=$work/recording.json secrets=$work/secrets.toml name names=()
    curl -fsS --max-time 30 "$control/v1/tenants/default/recording" -o "$recording" 2>>"$work/curl.log" ||
        explain "the server gave out no recording" || return 1
    printf '[users.%s]\nmnemonic = "%s"\n' "$user" "$(xargs <"$work/fetched/mnemonic")" >"$secrets"
    for name in "$first" "$second" "$third"; do
        names+=(--canary "$name")
    done
    "$suite" watch "$recording" --secrets "$secrets" "${names[@]}" >"$work/watched" ||
        explain "$(cat "$work/watched")" || return 1
    note=$(sed -n '1p;$p' "$work/watched")
}

clean_up() {
    local device
    for device in one two; do
        device_stop "$device"
    done
    server_stop
    if [ "$keep" = yes ]; then
        echo "kept: $work"
    else
        rm -rf "$work"
    fi
}

main "$@"
