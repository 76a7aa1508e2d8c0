#ifndef SHAPE_H
#define SHAPE_H
struct Shape {
    virtual ~Shape() {}
    virtual int area() const = 0;
    virtual int corners() const { return 0; }
};
struct Square : Shape {
    explicit Square(int side);
    int area() const override;
    int corners() const override;
    int side;
};
Shape *make_circle(int radius);
#endif
