// Pointers to members, virtual and not, thunks of multiple inheritance, and a table of them.
#include "check.h"

struct Left { virtual ~Left() {} virtual int left() { return 1; } int plain() { return 10; } };
struct Right { virtual ~Right() {} virtual int right() { return 2; } };
struct Both : Left, Right {
    int left() override { return 100 + number; }
    int right() override { return 200 + number; }
    int number = 7;
};

int main()
{
    Both both;
    Right *right = &both;
    CHECK(right->right() == 207);
    int (Left::*const members[])() = {&Left::left, &Left::plain};
    Left *left = &both;
    CHECK((left->*members[UNKNOWN(int, 0)])() == 107);
    CHECK((left->*members[UNKNOWN(int, 1)])() == 10);
    return 0;
}
