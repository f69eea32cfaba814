// tandem-secondary: see program/run_node.h.
#include "program/run_node.h"

int main(int argc, char** argv) {
  return tandem::run_node("tandem-secondary", tandem::Role::kFollower, argc, argv);
}
