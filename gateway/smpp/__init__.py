"""The wire to the SMSC: octets, PDUs, one session, one connection, and what leaves and comes back by it."""
