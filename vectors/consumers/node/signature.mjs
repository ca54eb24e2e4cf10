// Family `signature`: a detached CMS over the canonical document, by the key of somebody who may sign.
import { fromBase64, fromPem, orRefuse, refuse, sha256, toHex } from "./bytes.mjs";
import { inside, oid, parseBer, primitive } from "./ber.mjs";
import { signedContent } from "./json.mjs";

// Object identifiers, as the hex of their encoding.
const DATA = "2a864886f70d010701";
const SIGNED_DATA = "2a864886f70d010702";
const CONTENT_TYPE = "2a864886f70d010903";
const MESSAGE_DIGEST = "2a864886f70d010904";
const SHA256 = "608648016503040201";
const COMMON_NAME = "550403";
// rsaEncryption, sha256WithRSAEncryption, and sha1WithRSAEncryption, which web copied from old certificates:
// the name is not believed, the signature is always verified with SHA-256.
const RSA_NAMES = ["2a864886f70d010101", "2a864886f70d01010b", "2a864886f70d010105"];
const MAX_SIGNATURE = 256 << 10;

/** Who of those who may sign has signed. Names, serial numbers and certificates in the CMS prove nothing. */
export async function signature({ document, signature: header, certificates }) {
    if (header.trim() === "") refuse("signature-present", "no signature");
    const signer = readSigner(readCms(header));
    const digest = await sha256(signedContent(document));
    if (toHex(signer.digest) !== digest) refuse("signature-content", "made over something else");
    for (const pem of certificates) {
        const { commonName, publicKey } = readCertificate(pem);
        if (await verifies(publicKey, signer)) return { signer: commonName };
    }
    return refuse("signer-is-member", "made with the key of nobody who may sign");
}

/** The only SignerInfo of a SignedData without content. */
function readCms(header) {
    if (header.length > MAX_SIGNATURE) refuse("signature-well-formed", "too large");
    const der = fromBase64(header, "signature", "signature-well-formed");
    const [contentType, wrapper] = inside(parseBer(der), 0x30, "ContentInfo");
    if (oid(contentType, "content type") !== SIGNED_DATA) refuse("signature-well-formed", "not SignedData");
    const [signedData] = inside(wrapper, 0xa0, "content");
    const [, , encapsulated, ...rest] = inside(signedData, 0x30, "SignedData");
    const [innerType, ...embedded] = inside(encapsulated, 0x30, "encapContentInfo");
    if (oid(innerType, "eContentType") !== DATA) refuse("signature-well-formed", "not over data");
    if (embedded.length > 0) refuse("signature-detached", "content is embedded");
    const signers = inside(rest.at(-1), 0x31, "signerInfos");
    return signers.length === 1 ? signers[0] : refuse("signature-of-one-signer", `${signers.length} signers`);
}

/** The bytes that are signed, the signature, and the digest that the signed attributes claim. */
function readSigner(signerInfo) {
    const [, , digestAlgorithm, ...rest] = inside(signerInfo, 0x30, "SignerInfo");
    const attributes = rest[0]?.tag === 0xa0 ? rest.shift() : refuse("signature-attributes", "none");
    const [signatureAlgorithm, signatureBytes] = rest;
    checkAlgorithm(digestAlgorithm, [SHA256]);
    checkAlgorithm(signatureAlgorithm, RSA_NAMES);
    if (attributes.indefinite) refuse("signature-well-formed", "attributes of indefinite length");
    const type = singleAttribute(attributes, CONTENT_TYPE);
    if (oid(type, "contentType") !== DATA) refuse("signature-attributes", "contentType is not data");
    const digest = primitive(singleAttribute(attributes, MESSAGE_DIGEST), 0x04, "messageDigest");
    if (digest.length !== 32) refuse("signature-attributes", "messageDigest is not one of SHA-256");
    // Hashed as received, in whatever order, under the tag of a SET (RFC 5652, 5.4).
    const signed = Buffer.from(attributes.encoded);
    signed[0] = 0x31;
    return { signed, digest, signature: primitive(signatureBytes, 0x04, "signature") };
}

function checkAlgorithm(element, allowed) {
    const [name, ...parameters] = inside(element, 0x30, "algorithm");
    if (!allowed.includes(oid(name, "algorithm"))) refuse("signature-algorithms", "another algorithm");
    // Clients differ in whether they write NULL.
    const isNull = ({ encoded }) => toHex(encoded) === "0500";
    if (parameters.length > 1 || !parameters.every(isNull)) refuse("signature-algorithms", "parameters");
}

/** The value of an attribute that must stand there once with one value. */
function singleAttribute(attributes, wanted) {
    const found = attributes.children
        .map((attribute) => inside(attribute, 0x30, "attribute"))
        .filter(([type]) => oid(type, "attribute type") === wanted)
        .map(([, values]) => inside(values, 0x31, "attribute values"));
    const single = found.length === 1 && found[0].length === 1;
    return single ? found[0][0] : refuse("signature-attributes", `not one ${wanted}`);
}

function readCertificate(pem) {
    const [tbs] = inside(parseBer(fromPem(pem, "CERTIFICATE", "certificate")), 0x30, "Certificate");
    const fields = inside(tbs, 0x30, "TBSCertificate");
    if (fields[0]?.tag === 0xa0) fields.shift(); // version
    const [, , , , subject, publicKey] = fields;
    const commonNames = inside(subject, 0x30, "subject")
        .flatMap((part) => inside(part, 0x31, "part of the subject"))
        .map((attribute) => inside(attribute, 0x30, "attribute of the subject"))
        .filter(([type]) => oid(type, "attribute type") === COMMON_NAME)
        .map(([, value]) => primitive(value, value?.tag, "common name").toString("utf8"));
    return { commonName: commonNames[0], publicKey: publicKey.encoded };
}

async function verifies(publicKey, { signed, signature }) {
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const load = () => crypto.subtle.importKey("spki", publicKey, algorithm, false, ["verify"]);
    const key = await orRefuse("encoding-well-formed", "not an RSA key", load);
    return crypto.subtle.verify(algorithm, key, signature, signed);
}
