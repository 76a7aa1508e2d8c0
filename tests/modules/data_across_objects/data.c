/* Data that another object reads: initialised with numbers, with addresses, constant, and zero. */
#include "data.h"

static struct node last = {3, 0};
static struct node middle = {2, &last};
static struct node first = {1, &middle};

int counter = 41;
const char *const names[3] = {"one", "two", "three"};
int zeroed[1000];
struct node *list = &first;
int *const counter_address = &counter;
const unsigned char bytes[5] = {1, 2, 3, 4, 255};
