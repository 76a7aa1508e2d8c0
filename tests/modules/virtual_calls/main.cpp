// Virtual calls across two objects: vtables and type information of one, called through by the other.
#include "../check.h"
#include "shape.h"

namespace {
struct Cube : Square {
    explicit Cube(int side) : Square(side) {}
    int area() const override { return 6 * Square::area(); }
};
}

int main()
{
    Shape *shapes[] = {new Square(3), make_circle(2), new Cube(2)};
    int areas = 0, corners = 0;
    for (Shape *shape : shapes) {
        areas = areas * 100 + shape->area();
        corners += shape->corners();
    }
    CHECK(areas == 91224);
    CHECK(corners == 8);
    for (Shape *shape : shapes)
        delete shape;
    return 0;
}
