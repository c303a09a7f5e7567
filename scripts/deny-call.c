/* Runs a program to which the kernel refuses some calls with an error number, as the sandboxes of
   containers do: deny-call ERRNO NUMBER[,NUMBER...] PROGRAM [ARGUMENT...] */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define MOST 16

int main(int argc, char **argv)
{
    struct sock_filter filter[2 * MOST + 2];
    struct sock_fprog program = { 0, filter };
    unsigned error;
    char *number;
    int calls = 0;

    if (argc < 4)
        return 2;
    error = (unsigned)atoi(argv[1]);
    filter[program.len++] = (struct sock_filter)BPF_STMT(
        BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (number = strtok(argv[2], ","); number && calls < MOST; number = strtok(NULL, ","), calls++) {
        filter[program.len++] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, (unsigned)atoi(number), 0, 1);
        filter[program.len++] = (struct sock_filter)BPF_STMT(
            BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
    }
    filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        perror("deny-call: seccomp");
        return 125;
    }
    execvp(argv[3], argv + 3);
    perror("deny-call: exec");
    return 127;
}
