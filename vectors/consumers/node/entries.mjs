// The entry of a file, which all metadata versions and filedrops hold.
import { fromBase64, Refused } from "./bytes.mjs";
import { key16, nonceOf } from "./ciphers.mjs";
import { stringOf } from "./json.mjs";

const DEFAULT_TYPE = "application/octet-stream";

/** Checks an entry and fills in defaults; texts stay as they are. */
export function fileEntry({ filename, mimetype = DEFAULT_TYPE, nonce, authenticationTag = "", key }) {
    for (const text of [filename, mimetype, authenticationTag]) stringOf(text, "a member of the entry");
    nonceOf(nonce);
    key16(fromBase64(key, "file key"), "file key");
    return { filename, mimetype, nonce, authenticationTag, key };
}

/** Opens every entry. Those that cannot be read are named, for they must not be lost. */
export async function readEntries(entries, open) {
    const [files, unreadable, refusals] = [Object.create(null), [], []]; // __proto__ is an id like any other
    for (const [id, entry] of Object.entries(entries)) {
        try {
            files[id] = await open(entry);
        } catch (error) {
            if (!(error instanceof Refused)) throw error;
            unreadable.push(id);
            refusals.push(error);
        }
    }
    return { files, unreadable: unreadable.sort(), refusals };
}
