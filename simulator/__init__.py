"""PLAY: the operator's side. An SMSC, a mobile network, handsets and the people who hold them.

Knows the gateway only by the wire (SMPP 3.4 and HTTP) and imports neither `gateway` nor `handlers`: a shared
helper would be a shared mistake, so codec and alphabet are written a second time here, from the specifications.
`templates/*.toml` and the tariff sheet may be read as data.
"""
