"""The figures by name, each a generator of the Markdown below its heading, in parts that stand for themselves. Every
load is bounded in time, rounds go through all servers in turn, and what is told is the median of the rounds."""
import first_copy
import instructions
import memory
import micro
import outside
import propagation
import replace
import scaling
import start
import tcp
import transfer
import udp
import updates
import visible
import xdp

FIGURES = {
    "udp": udp.figure_udp,
    "memory": memory.figure_memory,
    "start": start.figure_start,
    "replace": replace.figure_replace,
    "propagation": propagation.figure_propagation,
    "outside": outside.figure_outside,
    "updates": updates.figure_updates,
    "visible": visible.figure_visible,
    "copy": first_copy.figure_copy,
    "tcp": tcp.figure_tcp,
    "axfr": transfer.figure_axfr,
    "xdp": xdp.figure_xdp,
    "scaling": scaling.figure_scaling,
    "instructions": instructions.figure_instructions,
    "micro": micro.figure_micro,
}
