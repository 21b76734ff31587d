"""`simulator load`: traffic at a given rate, in real time, and what the gateway made of it.

The model is open: flows arrive on a schedule of their own, whether the gateway keeps up or not, and every latency
counts from the instant a flow was meant to begin, so that a stall shows in all the flows it held up. The traffic is
made in a process of its own (generator.py); the process that judges it (run.py) starts a gateway, or takes one that
runs, samples both, audits every text afterwards against what the gateway says of it, and writes the report.

    what arrives when   schedule · mix · kinds · people          pure
    what came of it     histogram · flows · tally · audit · growth · thresholds · compare   pure
    the wire            posting · generator · subject · sampling · procfs
    for a reader        result · summary · page · charts

Not here: SMPP (smsc.py and below), the network's memory (network.py), scenarios.
"""
