// Metadata 2.0 and 2.1: families `metadata-2.0`, `metadata-2.1`, `key-checksums`, `names` and `filedrop`.
import { fromBase64, fromHex, fromUtf8, refuse, sha256, toHex } from "./bytes.mjs";
import { gunzip, key16, nonceOf, openGcm, unwrap } from "./ciphers.mjs";
import { fileEntry, readEntries } from "./entries.mjs";
import { isObject, mapOf, objectOf, parseJson, stringOf } from "./json.mjs";

/** A root folder is opened with a private key, a subfolder with the metadata key of its root folder. */
export async function metadata2({ document: text, userId, privateKey, metadataKey }) {
    const document = objectOf(parseJson(text), "document");
    const another = isObject(document.metadata) && "version" in document.metadata;
    if (!["2.0", "2.1"].includes(document.version) || another) refuse("version-known", "not one of 2.x");
    objectOf(document.metadata, "metadata");
    mapOf(document.filedrop ?? undefined, "filedrop"); // its entries are strangers', and opened one by one
    const users = checkUsers(document.users ?? []);
    const unwrapped = () => ownKey(users, userId, "encryptedMetadataKey", privateKey);
    const key = userId === undefined ? fromHex(metadataKey) : await unwrapped();
    const contents = await readContents(await openSealed(document.metadata, key));
    return { metadataKey: toHex(key), contents };
}

/** Family `key-checksums`: lower-case hex of SHA-256 of the raw key has to be listed. */
export async function keyChecksums({ metadataKey, keyChecksums: listed }) {
    const checksum = await sha256(key16(fromHex(metadataKey), "metadata key"));
    return listed.includes(checksum) ? { checksum } : refuse("key-checksum-present", "it is not");
}

/** Family `names`: which of a folder's entries may be used, and which are set aside by which rule. */
export async function names(inputs) {
    const { files, folders } = (await metadata2(inputs)).contents;
    const fileNames = Object.entries(files).map(([id, { filename }]) => [id, filename]);
    const [usable, setAside] = [Object.create(null), Object.create(null)];
    for (const [id, name] of [...fileNames, ...Object.entries(folders)]) {
        if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) setAside[id] = "id-is-plain";
        else if (/^\.{0,2}$|[/\\\0]/.test(name)) setAside[id] = "name-is-one-component";
        else usable[id] = name;
    }
    return { usable, setAside };
}

/** Family `filedrop`, major version 2: sealed as metadata are, each entry under a key of its own. */
export async function filedrop2({ entry: text, userId, privateKey }) {
    const entry = objectOf(parseJson(text), "entry");
    const key = await ownKey(listOf(entry.users ?? [], "users"), userId, "encryptedFiledropKey", privateKey);
    return fileEntry(await openSealed(entry, key));
}

function checkUsers(users) {
    for (const user of listOf(users, "users")) {
        objectOf(user, "entry of users");
        stringOf(user.certificate, "certificate");
        stringOf(user.encryptedMetadataKey, "encryptedMetadataKey");
        if (stringOf(user.userId, "userId") === "") refuse("member-well-formed", "empty userId");
    }
    return users;
}

/** The key in the own entry, wherever it stands; ids are compared as they are. 2.x wraps raw keys. */
async function ownKey(users, userId, member, privateKey) {
    const own = users.find((user) => objectOf(user, "entry of users").userId === userId);
    if (!own) refuse("own-entry-present", `no entry of ${userId}`);
    return key16(await unwrap(privateKey, stringOf(own[member], member)), member);
}

/** JSON in gzip in GCM. What follows a bar in the ciphertext is ignored: the nonce stands beside it. */
async function openSealed({ ciphertext, nonce }, key) {
    const sealed = fromBase64(stringOf(ciphertext, "ciphertext").split("|")[0], "ciphertext");
    const text = gunzip(await openGcm(key, nonceOf(nonce), sealed));
    return objectOf(parseJson(fromUtf8(text, "contents")), "contents");
}

async function readContents({ keyChecksums: listed = [], deleted = false, counter, folders, files }) {
    for (const checksum of listOf(listed, "keyChecksums")) stringOf(checksum, "checksum");
    if (typeof deleted !== "boolean") refuse("member-well-formed", "deleted is not a boolean");
    // From 2^53 on, neighbours cannot be told apart.
    if (!Number.isSafeInteger(counter) || counter < 0) refuse("member-well-formed", "counter is none");
    const folderNames = mapOf(folders, "folders");
    for (const name of Object.values(folderNames)) stringOf(name, "name of a folder");
    const open = (entry) => fileEntry(objectOf(entry, "entry of files"));
    const { refusals: _, ...read } = await readEntries(mapOf(files, "files"), open);
    return { keyChecksums: listed, deleted, counter, folders: folderNames, ...read };
}

const listOf = (value, what) =>
    Array.isArray(value) ? value : refuse("member-well-formed", `${what} is not a list`);
