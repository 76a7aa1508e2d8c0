#ifndef DATA_H
#define DATA_H
struct node {
    int value;
    struct node *next;
};
extern int counter;
extern const char *const names[3];
extern int zeroed[1000];
extern struct node *list;
extern int *const counter_address;
extern const unsigned char bytes[5];
#endif
