"""The driver of an ESME whose library sends any PDU by its name and fields: the features as requests.

A driver on top of it has `request`; where its library has an alphabet of its own, also `written` and `read`.

Not here: sockets and octets, which are the library's.
"""

from collections.abc import Mapping
from typing import Any

from simulator import alphabet
from tests.interop.esme import ACCOUNT, NUMBER, PASSWORD, ROK, SERVICE, Answer, Concat, Heard

SOURCE = {"source_addr_ton": 3, "source_addr": SERVICE}


def destination(number: str) -> dict[str, Any]:
    return {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": number.removeprefix("+")}


class PduEsme:
    tries_again = False

    async def request(self, command: str, tlvs: Mapping[int, bytes] | None = None, **fields: Any) -> Answer:
        """Sends a request with these fields and `tlvs` that have no name; its answer."""
        raise NotImplementedError

    # --- alphabets: the caller's, unless the library has one -------------------------------------------------

    def written(self, text: str, data_coding: int) -> Any:
        """A text as the library takes it."""
        return alphabet.gsm_octets(text) if data_coding == alphabet.GSM else text.encode("utf-16-be")

    def part(self, header: bytes, octets: bytes) -> Any:
        """A short_message that opens with a user data header."""
        return header + octets

    def message(self, text: str, name: str = "short_message") -> dict[str, Any]:
        data_coding = alphabet.GSM if alphabet.gsm_octets(text) is not None else alphabet.UCS2
        return {"data_coding": data_coding, name: self.written(text, data_coding)}

    # --- features --------------------------------------------------------------------------------------------

    async def bind(self, mode: str = "transceiver", password: str = PASSWORD) -> int:
        answer = await self.request(f"bind_{mode}", system_id=ACCOUNT, password=password, interface_version=0x34)
        return answer.status

    async def submit(self, text: str, *, receipt: bool = False, tlvs: Mapping[int, bytes] | None = None) -> Answer:
        fields = {**SOURCE, **destination(NUMBER), **self.message(text), "registered_delivery": int(receipt)}
        return await self.request("submit_sm", tlvs, **fields)

    async def submit_long(self, text: str) -> None:
        for piece in alphabet.cut(text, reference=0x1330):
            size = 1 + piece.octets[0]
            answer = await self.request(
                "submit_sm",
                **SOURCE,
                **destination(NUMBER),
                esm_class=piece.esm_class,
                data_coding=piece.data_coding,
                short_message=self.part(piece.octets[:size], piece.octets[size:]),
            )
            assert answer.status == ROK

    async def submit_payload(self, text: str) -> Answer:
        return await self.request(
            "submit_sm", **SOURCE, **destination(NUMBER), **self.message(text, "message_payload")
        )

    async def submit_data(self, text: str) -> Answer:
        return await self.request("data_sm", **SOURCE, **destination(NUMBER), **self.message(text, "message_payload"))

    async def query(self, message_id: str) -> tuple[int, str]:
        answer = await self.request("query_sm", message_id=message_id, **SOURCE)
        assert (answer.status, answer.message_id) == (ROK, message_id)
        return answer.fields["message_state"], answer.fields["final_date"]

    async def cancel(self, message_id: str) -> int:
        answer = await self.request("cancel_sm", message_id=message_id, **SOURCE, **destination(NUMBER))
        return answer.status

    async def replace(self, message_id: str, text: str) -> int:
        fields = self.message(text)
        del fields["data_coding"]
        return (await self.request("replace_sm", message_id=message_id, **SOURCE, **fields)).status

    async def enquire(self) -> None:
        assert (await self.request("enquire_link")).status == ROK

    async def unbind(self) -> None:
        assert (await self.request("unbind")).status == ROK


def concat_of(header: bytes) -> Concat | None:
    """(reference, total, number) of a user data header, its length octet first."""
    elements, _ = alphabet.split_header(header + b"\0")
    found = alphabet.concat_of(elements)
    return found and (found.reference, found.total, found.number)


def heard(octets: bytes, data_coding: int, esm_class: int, *, source: str, destination: str, **rest: Any) -> Heard:
    """What a library shows that leaves user data to its caller."""
    concat = None
    if esm_class & alphabet.UDHI:
        concat = concat_of(octets[: 1 + octets[0]])
        octets = octets[1 + octets[0] :]
    return Heard(source, destination, alphabet.text_of(octets, data_coding), esm_class, concat, **rest)
