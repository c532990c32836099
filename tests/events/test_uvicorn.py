"""What our protocol and our accepting use of uvicorn without a promise: an incompatible version fails here first."""

import inspect

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

OVERRIDDEN = {
    "connection_made": ["transport"],
    "connection_lost": ["exc"],
    "data_received": ["data"],
    "eof_received": [],
    "on_message_begin": [],
    "on_headers_complete": [],
    "on_message_complete": [],
    "on_response_complete": [],
    "send_400_response": ["msg"],
    "timeout_keep_alive_handler": [],
    "shutdown": [],
    "_unset_keepalive_if_required": [],
}


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_the_protocol_has_the_methods_that_ours_replaces_or_calls(name: str) -> None:
    parameters = list(inspect.signature(getattr(HttpToolsProtocol, name)).parameters)
    assert parameters == ["self", *OVERRIDDEN[name]]


@pytest.mark.parametrize("name", ["cycle", "pipeline", "transport", "loop", "scope", "tasks"])
def test_the_protocol_keeps_its_state_under_the_names_that_ours_reads(name: str) -> None:
    assert f"self.{name}" in inspect.getsource(HttpToolsProtocol)


@pytest.mark.parametrize("name", ["timeout_keep_alive", "timeout_keep_alive_task"])
def test_the_protocol_keeps_its_timer_under_the_names_that_ours_reads(name: str) -> None:
    assert f"self.{name}" in inspect.getsource(HttpToolsProtocol)


def test_a_request_knows_whether_it_is_answered() -> None:
    assert "self.response_complete" in inspect.getsource(RequestResponseCycle)


@pytest.mark.parametrize("name", ["startup", "shutdown"])
def test_the_server_starts_and_stops_with_the_sockets_that_ours_hands_on(name: str) -> None:
    assert list(inspect.signature(getattr(uvicorn.Server, name)).parameters) == ["self", "sockets"]


@pytest.mark.parametrize("name", ["servers", "server_state", "lifespan", "config"])
def test_the_server_keeps_its_state_under_the_names_that_ours_reads(name: str) -> None:
    assert f"self.{name}" in inspect.getsource(uvicorn.Server)
