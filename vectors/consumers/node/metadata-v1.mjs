// Metadata 1.0, 1.1 and 1.2, its checksum, and its filedrop.
import { fromBase64, fromUtf8, refuse, sha256, splitParts, toHex } from "./bytes.mjs";
import { key16, nonceOf, openGcm, unwrap } from "./ciphers.mjs";
import { fileEntry, readEntries } from "./entries.mjs";
import { isObject, mapOf, objectOf, parseJson, stringOf } from "./json.mjs";

// Written as a number or as a string.
const VERSIONS = new Map([["1", 1], ["1.0", 1], ["1.1", 1.1], ["1.2", 1.2], [1, 1], [1.1, 1.1], [1.2, 1.2]]);

/** Families `metadata-1.0`, `metadata-1.1` and `metadata-1.2`: the version in the document decides. */
export async function metadata1({ document: text, privateKey, mnemonic }) {
    const document = objectOf(parseJson(text), "document");
    const version = isObject(document.metadata) ? VERSIONS.get(document.metadata.version) : undefined;
    if (version === undefined || "version" in document) refuse("version-known", "not a version of 1.x");
    const files = mapOf(document.files, "files");
    mapOf(document.filedrop ?? undefined, "filedrop");
    if (version === 1.2) await checkSum(document.metadata, Object.keys(files), mnemonic);
    const { metadataKeys: several, metadataKey: single, sharing } = document.metadata;
    const keys = await openKeys(version === 1.0 ? several : { 0: single }, privateKey);
    const { refusals, ...read } = await readEntries(files, (entry) => openFile(entry, keys, version));
    // Nothing opens: the key is the wrong one, and there is no folder to speak of.
    if (refusals.length > 0 && refusals.length === Object.keys(files).length) throw refusals[0];
    const metadataKeys = Object.fromEntries([...keys].map(([index, key]) => [index, toHex(key)]));
    if (version !== 1.0 || sharing === undefined) return { metadataKeys, ...read };
    const newest = keys.get(Math.max(...keys.keys()));
    return { metadataKeys, ...read, sharing: parseJson(await openString(newest, sharing, "sharing")) };
}

/** Family `checksum-1.2`. */
export async function checksum12({ mnemonic, ids, metadataKey, checksum }) {
    // The mnemonic as it is kept, case and tabs included: only U+0020 goes. Ids by code unit.
    const computed = await sha256(mnemonic.replaceAll(" ", "") + [...ids].sort().join("") + metadataKey);
    return checksum === computed ? { checksum } : refuse("checksum-matches", "it does not");
}

/** Family `filedrop`, major version 1: the nonce behind the ciphertext goes before the one beside it. */
export async function filedrop1({ entry: text, privateKey }) {
    const entry = objectOf(parseJson(text), "entry");
    const key = await unwrapKey(privateKey, stringOf(entry.encryptedKey, "encryptedKey"));
    const inner = await openString(key, entry.encrypted, "encrypted", entry.encryptedInitializationVector);
    return entryInside(inner, entry);
}

async function checkSum({ checksum, metadataKey }, ids, mnemonic) {
    if ((checksum ?? "") === "") refuse("checksum-required", "no checksum");
    stringOf(checksum, "checksum");
    stringOf(metadataKey, "metadataKey");
    if (mnemonic !== undefined) await checksum12({ mnemonic, ids, metadataKey, checksum });
}

/** The keys by their numbers, each of which has to open. */
async function openKeys(metadataKeys, privateKey) {
    const keys = new Map();
    for (const [index, wrapped] of Object.entries(objectOf(metadataKeys, "metadataKeys"))) {
        if (!/^(0|[1-9][0-9]{0,8})$/.test(index)) refuse("member-well-formed", `${index} is no number`);
        keys.set(Number(index), await unwrapKey(privateKey, stringOf(wrapped, "metadata key")));
    }
    return keys.size > 0 ? keys : refuse("member-well-formed", "no metadata keys");
}

/** In 1.x base64 of base64 of the key is wrapped. */
async function unwrapKey(privateKey, wrapped) {
    const outer = (await unwrap(privateKey, wrapped)).toString("latin1");
    const inner = fromBase64(outer, "wrapped key").toString("latin1");
    return key16(fromBase64(inner, "wrapped key"), "metadata key");
}

async function openFile(entry, keys, version) {
    objectOf(entry, "entry of files");
    const keyIndex = version === 1.0 ? (entry.metadataKey ?? 0) : 0;
    const key = keys.get(keyIndex) ?? refuse("member-well-formed", `no metadata key ${keyIndex}`);
    const inner = await openString(key, entry.encrypted, "encrypted");
    return { ...entryInside(inner, entry), keyIndex };
}

function entryInside(text, { initializationVector, authenticationTag }) {
    const { key, filename, mimetype } = objectOf(parseJson(text), "sealed entry");
    return fileEntry({ filename, mimetype, key, nonce: initializationVector, authenticationTag });
}

/** The string form of 1.x: base64 of GCM of base64 of text, then a bar (or `fA==`) and the nonce. */
async function openString(key, text, what, nonceBeside) {
    const [sealed, nonce] = splitParts(stringOf(text, what));
    const plain = await openGcm(key, nonceOf(nonce ?? nonceBeside), fromBase64(sealed, what));
    return fromUtf8(fromBase64(plain.toString("latin1"), what), what);
}
