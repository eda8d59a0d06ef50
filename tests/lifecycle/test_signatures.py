"""Signatures: only the holder's, only of these bytes, only for this purpose."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.govern import SignatureError, SigningKey, check_signature, is_signed

ANA = SigningKey.teaching("Ana")
BEN = SigningKey.teaching("Ben")


def test_a_signature_holds_for_these_bytes_this_key_and_this_purpose():
    signature = ANA.sign(b"model 1.2", purpose="review")
    assert is_signed(b"model 1.2", signature, ANA.public, purpose="review")
    assert not is_signed(b"model 1.3", signature, ANA.public, purpose="review")
    assert not is_signed(b"model 1.2", signature, BEN.public, purpose="review")
    assert not is_signed(b"model 1.2", signature, ANA.public, purpose="sign-off")


@settings(max_examples=60)
@given(
    data=st.binary(max_size=40),
    purpose=st.text(max_size=8),
    place=st.integers(0, 127),
    digit=st.sampled_from("0123456789abcdef"),
)
def test_any_other_digit_in_a_signature_is_noticed(data, purpose, place, digit):
    signature = ANA.sign(data, purpose=purpose)
    changed = signature[:place] + digit + signature[place + 1 :]
    assert is_signed(data, changed, ANA.public, purpose=purpose) == (changed == signature)


def test_purpose_and_data_cannot_be_shifted_into_each_other():
    assert not is_signed(b"bc", ANA.sign(b"c", purpose="ab"), ANA.public, purpose="a")
    assert not is_signed(b"abc", ANA.sign(b"bc", purpose="a"), ANA.public)


@pytest.mark.parametrize(
    "form", [str.upper, lambda text: text + " ", lambda text: text[:-1], lambda text: "", lambda text: None]
)
def test_a_signature_has_one_spelling(form):
    assert not is_signed(b"x", form(ANA.sign(b"x")), ANA.public)


def test_the_signature_is_that_of_the_library_over_a_message_that_names_its_purpose():
    message, signature = b"lifecycle-signature-1\0\0\0\0\x06reviewx", ANA.sign(b"x", purpose="review")
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(ANA.public)).verify(bytes.fromhex(signature), message)
    assert Ed25519PrivateKey.from_private_bytes(bytes.fromhex(ANA.to_hex())).sign(message).hex() == signature


def test_a_teaching_key_follows_from_its_name_and_seed_and_a_new_one_from_nothing():
    assert SigningKey.teaching("Ana") == ANA
    assert (
        len(
            {
                ANA.public,
                BEN.public,
                SigningKey.teaching("Ana", seed=1).public,
                SigningKey.new().public,
                SigningKey.new().public,
            }
        )
        == 5
    )


def test_a_key_comes_back_from_its_hex_and_its_secret_is_not_shown():
    assert SigningKey.from_hex(ANA.to_hex()) == ANA
    assert ANA.to_hex() not in repr(ANA)
    with pytest.raises(SignatureError) as caught:
        SigningKey.from_hex(ANA.to_hex()[:-2])
    assert ANA.to_hex()[:20] not in str(caught.value)


def test_what_is_no_public_key_is_an_error_and_not_a_no():
    with pytest.raises(SignatureError, match="not a public key"):
        is_signed(b"x", ANA.sign(b"x"), "abc")
    with pytest.raises(SignatureError, match="32 bytes"):
        SigningKey(b"short")


def test_a_check_says_what_did_not_fit():
    check_signature(b"x", ANA.sign(b"x"), ANA.public)
    with pytest.raises(SignatureError, match=r"card\.json: the signature does not fit"):
        check_signature(b"y", ANA.sign(b"x"), ANA.public, what="card.json")
