/* What the two parts of the program know of each other. */
#ifndef INDIRECT_H
#define INDIRECT_H

typedef int function(int);

int global_choice(int value);
int defined_elsewhere(int value);
int call_from_elsewhere(int value);
function *address_from_elsewhere(void);

#endif
