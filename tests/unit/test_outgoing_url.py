"""Where data may be sent: encrypted, or within the operator's own network."""

from __future__ import annotations

import pytest

from chalicelib.domain.outgoing_url import problem


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://models.example/v1", id="encrypted"),
        pytest.param("https://models.example:8443", id="encrypted_at_a_port"),
        pytest.param("http://localhost:11434/v1", id="this_machine_by_name"),
        pytest.param("http://127.0.0.1:8000/v1", id="this_machine"),
        pytest.param("http://[::1]:8000/v1", id="this_machine_by_its_newer_address"),
        pytest.param("http://192.168.1.7/v1", id="a_private_network"),
        pytest.param("http://ollama:11434/v1", id="a_container_beside_this_one"),
        pytest.param("http://gpu.internal/v1", id="an_internal_name"),
    ],
)
def test_sends_to(url: str) -> None:
    assert problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="nothing"),
        pytest.param("models.example/v1", id="no_scheme"),
        pytest.param("file:///etc/passwd", id="a_file"),
        pytest.param("ftp://models.example", id="another_protocol"),
        pytest.param("https://", id="no_host"),
        pytest.param("https://models.example:port", id="no_port"),
        pytest.param("https://[::1", id="half_an_address"),
        pytest.param("http://models.example/v1", id="in_the_open"),
        pytest.param("http://8.8.8.8/v1", id="a_public_address_in_the_open"),
        pytest.param("https://me:secret@models.example/v1", id="a_password"),
        pytest.param("https://models.example/v1?key=secret", id="a_query"),
        pytest.param("https://models.example/v1#x", id="a_fragment"),
        pytest.param("http://169.254.169.254/latest", id="credentials_of_the_machine"),
        pytest.param("https://169.254.169.254/latest", id="the_same_encrypted"),
        pytest.param("http://[::ffff:169.254.169.254]/", id="the_same_in_another_notation"),
        pytest.param("http://metadata.google.internal/", id="the_same_by_name"),
        pytest.param("http://2852039166/", id="the_same_as_a_number"),
        pytest.param("http://0xa9fea9fe/", id="the_same_as_a_hexadecimal_number"),
        pytest.param("https://models.example/v1\r\nx: y", id="a_line_break"),
        pytest.param("https://mödels.example/v1", id="letters_to_escape"),
    ],
)
def test_sends_nothing_to(url: str) -> None:
    told = problem(url)
    assert told
    assert "secret" not in told
