// tandem-primary: see program/run_node.h.
#include "program/run_node.h"

int main(int argc, char** argv) {
  return tandem::run_node("tandem-primary", tandem::Role::kLeader, argc, argv);
}
