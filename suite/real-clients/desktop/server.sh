# shellcheck shell=bash
# The mock server: started, asked as the user would ask it, and stopped. Sourced by roundtrip.sh.
#
# Uses: $here, $mock_server, $api_version, $user, $password, $work (answers go to $work/fetched).
# shellcheck disable=SC2154  # set by the script that sources this

# server_start: on free ports of its own choice; sets $server and $control.
server_start() {
    setpriv --pdeathsig TERM \
        "$mock_server" --listen 127.0.0.1:0 --control 127.0.0.1:0 --users "$user:$password" --api-version "$api_version" --log \
        </dev/null >"$work/server.url" 2>"$work/server.log" &
    server_process=$!
    within 10 server_ready || explain "no answer within 10 s"
}

# The program prints its base URL, and that of its control API, once it listens.
server_ready() {
    server=$(sed -n 1p "$work/server.url" 2>/dev/null)
    control=$(sed -n 2p "$work/server.url" 2>/dev/null)
    [ -n "$server" ] && [ -n "$control" ] && curl -fso "$work/fetched/status.json" "$server/status.php"
}

server_stop() {
    [ -n "${server_process-}" ] || return 0
    gone "$server_process" || kill "$server_process"
    within 5 gone "$server_process" || kill -KILL "$server_process"
    wait "$server_process" 2>/dev/null || true
}

# authorized URL OPTIONS...: curl as the user. The header is what lets a program that is none of the known clients
# touch encrypted content.
authorized() {
    curl -fsS --max-time 10 -u "$user:$password" -H 'OCS-APIRequest: true' -H 'x-e2ee-supported: true' "$@" 2>>"$work/curl.log"
}

# ocs PATH NAME [OPTIONS...]: the answer of the encryption app goes to fetched/NAME, its headers to fetched/NAME.head.
ocs() {
    local path=$1 name=$2
    shift 2
    authorized "$server/ocs/v2.php/apps/end_to_end_encryption/api/v2/$path?format=json" \
        -o "$work/fetched/$name" -D "$work/fetched/$name.head" "$@"
}

# listed FOLDER: what answers.py makes of the folder's listing.
listed() {
    authorized -X PROPFIND -H 'Depth: 1' --data-binary @- "$server/remote.php/dav/files/$user/$1" <<'BODY' | "$here/answers.py" listing
<?xml version="1.0"?>
<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns">
<d:prop><d:resourcetype/><d:getcontentlength/><oc:fileid/><nc:is-encrypted/></d:prop></d:propfind>
BODY
}

# lock_is_free ID: true when the lock can be had, which is then given back. A counter far ahead is always large enough,
# and counts for nothing without new metadata.
lock_is_free() {
    local token
    ocs "lock/$1" lock.json -X POST -H 'X-NC-E2EE-COUNTER: 1000000' || return 1
    token=$("$here/answers.py" data e2e-token <"$work/fetched/lock.json")
    ocs "lock/$1" unlock.json -X DELETE -H "e2e-token: $token"
}

# fetch_folder ID: leaves fetched/ID.metadata and fetched/ID.signature.
fetch_folder() {
    local folder=$work/fetched/$1
    ocs "meta-data/$1" "$1.json" && "$here/answers.py" data meta-data <"$folder.json" >"$folder.metadata" &&
        sed -n 's/^x-nc-e2ee-signature: *\([^\r]*\).*/\1/Ip' "$folder.json.head" >"$folder.signature" &&
        [ -s "$folder.signature" ]
}

# fetch_keys: leaves key-blob, certificate.pem and server-key.pem in fetched/.
fetch_keys() {
    local fetched=$work/fetched
    ocs private-key private-key.json && ocs public-key public-key.json && ocs server-key server-key.json &&
        "$here/answers.py" data private-key <"$fetched/private-key.json" >"$fetched/key-blob" &&
        "$here/answers.py" data public-keys "$user" <"$fetched/public-key.json" >"$fetched/certificate.pem" &&
        "$here/answers.py" data public-key <"$fetched/server-key.json" >"$fetched/server-key.pem"
}
