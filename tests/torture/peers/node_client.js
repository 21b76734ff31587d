// node-smpp's client as the ESME under test, as its documents have it: a session, its events, a bind.
//
//     node tests/torture/peers/node_client.js --port {port} …          (the package smpp on NODE_PATH)
//
// What the documents leave to the application is here: it answers requests, answers a text with a text, sends a text
// that was refused for now again, and connects anew, ever more slowly. Nothing of the library is changed.
'use strict';

const { parseArgs } = require('util');
const smpp = require('smpp');

const { values: options } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string' },
    'system-id': { type: 'string', default: 'gateway' },
    password: { type: 'string', default: 'secret' },
    'service-number': { type: 'string', default: '1330' },
    'enquire-link-s': { type: 'string', default: '1.5' },
    'reconnect-max-s': { type: 'string', default: '0.5' },
  },
});
const REPLY = 'Codes: BERICHT, INFO, LIMIET';
const RECEIPT_TYPES = 0x3c;
const RETRY_MS = 200;
const RECONNECT_MIN_MS = 50;
const reconnectMaxMs = 1000 * options['reconnect-max-s'];
const later = [smpp.ESME_RTHROTTLED, smpp.ESME_RMSGQFUL];

let pauseMs = RECONNECT_MIN_MS;
let stopping = false;
let session = null;

const reply = (number) => session.submit_sm({
  source_addr_ton: smpp.TON.NETWORK_SPECIFIC,
  source_addr: options['service-number'],
  dest_addr_ton: smpp.TON.INTERNATIONAL,
  dest_addr_npi: smpp.NPI.ISDN,
  destination_addr: number,
  registered_delivery: 1,
  short_message: REPLY,
}, (pdu) => {
  if (later.includes(pdu.command_status)) setTimeout(reply, RETRY_MS, number);
});

const onText = (own) => (pdu) => {
  own.send(pdu.response());
  if (pdu.source_addr && !(pdu.esm_class & RECEIPT_TYPES)) reply(pdu.source_addr);
};

const connect = () => {
  const own = smpp.connect({
    url: `smpp://${options.host}:${options.port}`,
    auto_enquire_link_period: 1000 * options['enquire-link-s'],
  }, () => own.bind_transceiver({ system_id: options['system-id'], password: options.password }, (pdu) => {
    if (pdu.command_status === 0) {
      pauseMs = RECONNECT_MIN_MS;
    } else {
      own.close();
    }
  }));
  session = own;
  own.on('deliver_sm', onText(own));
  own.on('data_sm', onText(own));
  own.on('enquire_link', (pdu) => own.send(pdu.response()));
  own.on('unbind', (pdu) => {
    own.send(pdu.response());
    own.close();
  });
  own.on('unknown', (pdu) => pdu.isResponse() || own.send(pdu.response()));
  own.on('error', (error) => {
    console.log(String(error));
    own.destroy();
  });
  own.on('close', () => {
    if (stopping) process.exit(0);
    setTimeout(connect, pauseMs);
    pauseMs = Math.min(2 * pauseMs, reconnectMaxMs);
  });
};

process.on('SIGTERM', () => {
  stopping = true;
  if (!session.unbind(() => session.close())) process.exit(0);
});
connect();
