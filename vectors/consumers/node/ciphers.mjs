// AES-GCM, RSA-OAEP, gzip: families `file` and `oaep`, and what the documents are made of.
import { crc32, inflateRawSync } from "node:zlib";
import { fromBase64, fromHex, fromPem, orRefuse, refuse, sha256, toHex } from "./bytes.mjs";

/** A nonce of 12 bytes or of 16, which GCM hashes. */
export function nonceOf(text) {
    const bytes = fromBase64(text, "nonce");
    return [12, 16].includes(bytes.length) ? bytes : refuse("nonce-length", `${bytes.length} bytes`);
}

/** Opens `ciphertext || tag`. */
export async function openGcm(keyBytes, nonce, sealed) {
    const key = await crypto.subtle.importKey("raw", keyBytes, "AES-GCM", false, ["decrypt"]);
    const algorithm = { name: "AES-GCM", iv: nonce, tagLength: 128 };
    const open = () => crypto.subtle.decrypt(algorithm, key, sealed);
    return Buffer.from(await orRefuse("authentication-tag-fits", "it does not", open));
}

/** The 16 bytes of a metadata key, filedrop key or file key; Web Crypto alone would take AES-256 as well. */
export const key16 = (bytes, what) =>
    bytes.length === 16 ? bytes : refuse("key-length", `${what} of ${bytes.length} bytes`);

/** Family `file`. The repeated tag of the entry is not looked at: the one at the end of the file counts. */
export async function file({ key, nonce, stored, storedByRule }) {
    const keyBytes = key16(fromBase64(key, "key"), "file key");
    const sealed = storedByRule ? largeFile(storedByRule) : fromHex(stored);
    const plain = await openGcm(keyBytes, nonceOf(nonce), sealed);
    if (!storedByRule) return { plain: toHex(plain) };
    return { plainLength: plain.length, plainSha256: await sha256(plain) };
}

/** Large files are not written out. */
const largeFile = ({ repeat, length, tag }) =>
    Buffer.concat([Buffer.alloc(length, fromHex(repeat)), fromHex(tag)]);

/** An RSA private key of PKCS#8 DER, for unwrapping: OAEP with SHA-256 for hash and MGF1, no label. */
export function importPrivateKey(der) {
    const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
    const load = () => crypto.subtle.importKey("pkcs8", der, algorithm, false, ["decrypt"]);
    return orRefuse("encoding-well-formed", "not PKCS#8 of an RSA key", load);
}

/** Whatever bytes are wrapped. They must be exactly as many as the modulus has. */
export async function unwrap(privateKeyPem, wrapped) {
    const key = await importPrivateKey(fromPem(privateKeyPem, "PRIVATE KEY", "private key"));
    const bytes = fromBase64(wrapped, "wrapped key");
    if (bytes.length * 8 !== key.algorithm.modulusLength) refuse("wrapped-key-opens", "of another length");
    const open = () => crypto.subtle.decrypt("RSA-OAEP", key, bytes);
    return Buffer.from(await orRefuse("wrapped-key-opens", "it does not", open));
}

/** Family `oaep`: the raw key is wrapped, as in 2.x. */
export async function oaep({ privateKey, wrapped }) {
    return { key: toHex(key16(await unwrap(privateKey, wrapped), "wrapped key")) };
}

/** Exactly one gzip member (RFC 1952), of at most 64 MiB; gunzipSync would take several. */
export function gunzip(bytes) {
    const start = gzipHeaderLength(bytes);
    const options = { info: true, maxOutputLength: 64 << 20 };
    const inflate = () => inflateRawSync(bytes.subarray(start), options);
    const { buffer, engine } = orRefuse("gzip-well-formed", "does not inflate to 64 MiB at most", inflate);
    const end = bytes.subarray(start + engine.bytesWritten);
    if (end.length !== 8) refuse("gzip-well-formed", "not one member to the end");
    const fits = end.readUInt32LE(0) === crc32(buffer) && end.readUInt32LE(4) === buffer.length;
    return fits ? buffer : refuse("gzip-well-formed", "checksum or length does not fit");
}

function gzipHeaderLength(bytes) {
    const flags = bytes[3];
    const bad = () => refuse("gzip-well-formed", "no gzip header");
    if (bytes.length < 18 || bytes.readUIntBE(0, 3) !== 0x1f8b08 || flags & 0xe0) bad();
    const afterZero = (from) => bytes.indexOf(0, from) + 1 || bad();
    let at = 10;
    if (flags & 4) at += 2 + bytes.readUInt16LE(at); // FEXTRA
    if (flags & 8) at = afterZero(at); // FNAME
    if (flags & 16) at = afterZero(at); // FCOMMENT
    if (flags & 2) at += 2; // FHCRC
    return at;
}
