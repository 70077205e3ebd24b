"""A sealed folder opens as it was signed, or not at all; the reason is named."""

import datetime
import hashlib
import hmac
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from pipeline.registry import signed_folder as sealing
from pipeline.registry.signed_folder import UntrustedArtifact, open_signed, renew, seal
from pipeline.registry.signing import Key, NoSigningKey, load_signing_key

KEY = Key.from_seed(b"k" * 32)


@pytest.fixture
def folder(tmp_path):
    seal(tmp_path / "sealed", {"a.pkl": b"one", "b.csv": b"two"}, {"n": 0.1, "who": "é"}, KEY)
    return tmp_path / "sealed"


def edit(folder, key=None, **facts):
    """Change the manifest, and sign it again where a key is given."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text()) | facts
    if key is not None:
        manifest["signature"] = sealing.sign(manifest, key)
    path.write_text(json.dumps(manifest))


def test_what_was_sealed_is_read(folder):
    sealed = open_signed(folder, KEY)
    assert (sealed.read("a.pkl"), sealed.manifest["n"], sealed.manifest["who"]) == (
        b"one",
        0.1,
        "é",
    )
    assert "a.pkl" in sealed
    assert "c.pkl" not in sealed


def test_the_manifest_names_the_libraries(folder):
    libraries = open_signed(folder, KEY).manifest["libraries"]
    assert set(libraries) == {"python", "scikit-learn", "numpy", "onnxruntime"}


def test_without_scikit_learn_all_but_pickles_can_be_used(folder, monkeypatch):
    """As in the image of serving, for what is compiled."""
    find = sealing.metadata.version

    def lacks_it(name):
        if name == "scikit-learn":
            raise sealing.metadata.PackageNotFoundError
        return find(name)

    monkeypatch.setattr(sealing.metadata, "version", lacks_it)
    sealed = open_signed(folder, KEY)
    assert sealed.read("b.csv") == b"two"
    with pytest.raises(UntrustedArtifact, match=r"a\.pkl is not compiled.*EXTRA_PACKAGES"):
        sealed.unpickle("a.pkl")


def test_a_layout_changed_by_hand_is_the_same_manifest(folder):
    edit(folder)
    assert open_signed(folder, KEY).manifest["who"] == "é"


def test_a_file_that_changes_after_it_was_verified_is_not_read(folder):
    sealed = open_signed(folder, KEY)
    (folder / "a.pkl").write_bytes(b"two")
    with pytest.raises(UntrustedArtifact, match=r"a\.pkl is not the file that was signed"):
        sealed.read("a.pkl")


@pytest.mark.parametrize("signature", ["", "0" * 64, "é", None, 7, ["x"], "\ud800"])
def test_any_other_signature_is_refused(folder, signature):
    """One outside ASCII ended in a TypeError."""
    edit(folder, signature=signature)
    with pytest.raises(
        UntrustedArtifact, match=r"damaged|changed or signed by another installation"
    ):
        open_signed(folder, KEY)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"a":' * 100_000, b'{"n":1e999}'])
def test_a_manifest_that_is_none_is_refused(folder, content):
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(UntrustedArtifact, match=r"manifest\.json is damaged"):
        open_signed(folder, KEY)


def test_a_name_that_leads_out_of_the_folder_helps_nobody(folder):
    edit(folder, files={"../outside": "0" * 64})
    with pytest.raises(UntrustedArtifact, match="changed or signed by another"):
        open_signed(folder, KEY)


def test_a_key_is_made_once_and_kept_to_its_owner(tmp_path):
    path = tmp_path / "secrets" / "signing.key"
    assert load_signing_key(path) == load_signing_key(path)
    assert (len(load_signing_key(path).seed), path.stat().st_mode & 0o077) == (32, 0)


@pytest.mark.parametrize("content", ["", "abcd", "no key"])
def test_a_file_that_is_no_key_is_refused(tmp_path, content):
    (tmp_path / "signing.key").write_text(content)
    with pytest.raises(NoSigningKey, match=r"signing\.key holds no signing key"):
        load_signing_key(tmp_path / "signing.key")


def test_who_has_the_public_half_alone_verifies_and_cannot_sign(folder, tmp_path):
    public = Key(KEY.public)
    assert open_signed(folder, public).manifest["who"] == "é"
    with pytest.raises(NoSigningKey, match="the trainer's key signs them"):
        seal(tmp_path / "forged", {}, {}, public)


def test_the_public_half_stands_beside_the_other_and_is_enough_to_load(tmp_path):
    path = tmp_path / "signing.key"
    both = load_signing_key(path)
    path.unlink()
    assert load_signing_key(path) == Key(both.public)


def write_pair(path, key):
    """As Helm and cert-manager do: PEM, the public half in a certificate of itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "boucle")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=9))
    certificate = builder.public_key(key.public_key()).sign(key, None)
    pkcs8, no_password = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, no_password))
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    path.with_suffix(".pub").write_bytes(pem)


def test_a_pair_may_be_pem_and_a_certificate(tmp_path):
    path, key = tmp_path / "signing.key", Ed25519PrivateKey.generate()
    write_pair(path, key)
    both = load_signing_key(path)
    assert both == Key(key.public_key().public_bytes_raw(), key.private_bytes_raw())
    path.unlink()
    assert load_signing_key(path) == Key(both.public)
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, spki)
    path.with_suffix(".pub").write_bytes(pem)
    assert load_signing_key(path) == Key(both.public)


def test_a_pair_of_another_kind_is_refused(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    write = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    pem = key.private_bytes(*write, serialization.NoEncryption())
    (tmp_path / "signing.key").write_bytes(pem)
    with pytest.raises(NoSigningKey, match="of another kind than Ed25519"):
        load_signing_key(tmp_path / "signing.key")


def sign_as_before(folder):
    """With an HMAC, as all were signed once."""
    manifest = json.loads((folder / "manifest.json").read_text())
    content = sealing._unsigned(manifest)
    edit(folder, signature=hmac.new(KEY.seed, content, hashlib.sha256).hexdigest())


def test_what_an_earlier_boucle_signed_is_opened_and_signed_anew(folder):
    sign_as_before(folder)
    assert open_signed(folder, KEY).manifest["who"] == "é"
    with pytest.raises(UntrustedArtifact, match="signed by an earlier Boucle"):
        open_signed(folder, Key(KEY.public))
    assert renew(folder, KEY)
    assert not renew(folder, KEY)
    assert open_signed(folder, Key(KEY.public)).manifest["who"] == "é"


def test_what_was_changed_is_not_signed_anew(folder):
    sign_as_before(folder)
    edit(folder, who="somebody else")
    assert not renew(folder, KEY)
