"""Family signature: CMS SignedData (RFC 5652), detached, bound to the key of one who may sign."""

import functools
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from . import ber
from .basics import Refused, decode_base64, decode_utf8, pem_to_der, require
from .canonical_json import signed_content

DATA = bytes.fromhex("2a864886f70d010701")
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
COMMON_NAME = bytes.fromhex("550403")
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
SHA256 = bytes.fromhex("608648016503040201")
# rsaEncryption, sha256WithRSAEncryption, and sha1WithRSAEncryption: the web client copies the name from
# the certificate. What is verified is PKCS#1 v1.5 with SHA-256 in any case.
RSA_NAMES = {bytes.fromhex("2a864886f70d0101" + last) for last in ("01", "0b", "05")}


def signature(inputs):
    content = signed_content(inputs["document"]).encode("ascii")
    signer_info = only_signer(decode_base64(inputs["signature"]))
    signed_attributes, rsa_signature = check_signer_info(signer_info, hashlib.sha256(content).digest())
    for pem in inputs["certificates"]:
        # Issuer and serial number prove nothing (all servers write 0), nor does an embedded certificate.
        common_name, public_key = name_and_key(pem)
        if made_by(public_key, rsa_signature, signed_attributes):
            return {"signer": common_name}
    raise Refused("nobody who may sign has signed")


def only_signer(data):
    """The one SignerInfo of a detached SignedData over id-data."""
    require(data, "no signature")
    content_info = ber.read(data).expect(ber.SEQUENCE).children
    require(len(content_info) == 2 and is_oid(content_info[0], SIGNED_DATA), "not SignedData")
    explicit = content_info[1].expect(ber.CONTEXT_0).children
    require(len(explicit) == 1, "not one SignedData")
    parts = explicit[0].expect(ber.SEQUENCE).children
    require(len(parts) >= 4, "SignedData lacks something")
    parts[0].expect(ber.INTEGER)
    parts[1].expect(ber.SET)
    encapsulated = parts[2].expect(ber.SEQUENCE).children
    require(encapsulated and is_oid(encapsulated[0], DATA), "not over data")
    require(len(encapsulated) == 1, "the signature has a content of its own")
    optional = [node.tag for node in parts[3:-1]]  # certificates, revocation lists
    in_order = optional == sorted(set(optional))
    require(in_order and set(optional) <= {ber.CONTEXT_0, ber.CONTEXT_1}, "a part that does not belong there")
    signers = parts[-1].expect(ber.SET).children
    require(len(signers) == 1, "not exactly one signer")
    return signers[0].expect(ber.SEQUENCE).children


def check_signer_info(parts, digest):
    """What the RSA signature covers, and the RSA signature."""
    require(len(parts) in (6, 7), "SignerInfo without signed attributes")
    _version, _signer_name, digest_algorithm, attributes, algorithm, value = parts[:6]
    require(algorithm_of(digest_algorithm) == SHA256, "another digest")
    require(algorithm_of(algorithm) in RSA_NAMES, "another signature algorithm")
    attributes.expect(ber.CONTEXT_0)
    require(attributes.definite, "signed attributes of indefinite length")
    require(is_oid(only_value(attributes, CONTENT_TYPE), DATA), "another contentType")
    signed_digest = only_value(attributes, MESSAGE_DIGEST).expect(ber.OCTET_STRING).content
    require(signed_digest == digest, "another content")
    # As received (RFC 5652 section 5.4), not sorted anew: one client does not sort.
    return bytes([ber.SET]) + attributes.encoded[1:], value.expect(ber.OCTET_STRING).content


def only_value(attributes, oid):
    fitting = [one.children for one in attributes.children if one.children and is_oid(one.children[0], oid)]
    require(len(fitting) == 1 and len(fitting[0]) == 2, "an attribute is missing or stands twice")
    values = fitting[0][1].expect(ber.SET).children
    require(len(values) == 1, "an attribute without one value")
    return values[0]


def is_oid(node, oid):
    return node.tag == ber.OBJECT_IDENTIFIER and node.content == oid


def algorithm_of(node):
    children = node.expect(ber.SEQUENCE).children
    require(children, "no algorithm")
    # Clients differ in whether they write NULL.
    require([child.encoded for child in children[1:]] in ([], [b"\5\0"]), "parameters of an algorithm")
    return children[0].expect(ber.OBJECT_IDENTIFIER).content


@functools.cache
def name_and_key(pem):
    """Read by hand: the library will refuse serial number 0, which all servers give."""
    to_be_signed = ber.read(pem_to_der(pem, "CERTIFICATE")).children[0].children
    subject, public_key_info = to_be_signed[5:7]
    attributes = [attribute.children for part in subject.children for attribute in part.children]
    names = [decode_utf8(value.content) for oid, value in attributes if is_oid(oid, COMMON_NAME)]
    require(len(names) == 1, "not one common name")
    return names[0], serialization.load_der_public_key(public_key_info.encoded)


def made_by(public_key, rsa_signature, signed_attributes):
    if not isinstance(public_key, rsa.RSAPublicKey):
        return False
    try:
        public_key.verify(rsa_signature, signed_attributes, padding.PKCS1v15(), hashes.SHA256())
        return True
    except InvalidSignature:
        return False
