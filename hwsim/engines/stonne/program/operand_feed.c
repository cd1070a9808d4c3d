/* A rand() that makes `stonne -SparseGEMM` draw the zeros that it is given.
 *
 * STONNE draws its operands element by element: one rand() decides whether an element is zero
 * (rand() % 100 <= the sparsity asked for), and if it is not, a second one gives its value
 * (rand() % 10 + 1). This library stands before the C library (LD_PRELOAD) and answers 0 for an
 * element that is zero, and 99 and then 0 for one that is not. The elements come from the file
 * named in HWSIM_OPERANDS, one byte each, 0 or 1: MK row by row, then KN row by row.
 *
 * It leaves an empty file "operands.taken" in the current folder when it is first asked, and ends
 * the program with exit code 97 when it is asked for more elements than there are.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned char elements[65536];
static long present, next_element;
static int file = -1, value_is_due;

#define GIVE_UP(why) give_up(why, sizeof why - 1)

static void give_up(const char *why, unsigned long length)
{
    if (write(2, why, length) < 0)
        _exit(98);
    _exit(97);
}

int rand(void)
{
    if (value_is_due) {
        value_is_due = 0;
        return 0;
    }
    if (file < 0) {
        const char *path = getenv("HWSIM_OPERANDS");
        int taken = open("operands.taken", O_CREAT | O_WRONLY, 0644);
        if (taken >= 0)
            close(taken);
        file = path ? open(path, O_RDONLY) : -1;
        if (file < 0)
            GIVE_UP("hwsim: cannot open the operands\n");
    }
    if (next_element == present) {
        present = read(file, elements, sizeof elements);
        next_element = 0;
        if (present <= 0)
            GIVE_UP("hwsim: asked for more operands than there are\n");
    }
    value_is_due = elements[next_element++];
    return value_is_due ? 99 : 0;
}
