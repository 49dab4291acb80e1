# Figure 1 of the paper, as a workflow:
#
#   SQuAD ─ translate ─ recover answers ─ branches D_k ─ windows ─ teachers M_k ─ their logits on D
#                                                          │                            │
#                                                          └──────── students ──────────┘
#                                                                        │
#                                            predictions on MLQA and XQuAD ─ scores ─ tables ─ report
#
# snakemake --cores all                                  the paper (needs a GPU)
# snakemake --cores all --configfile config/mini.yaml    the synthetic corpus, in minutes on a laptop
# snakemake --cores 1 help                               targets and ways to run, on one screen

from snakemake.utils import min_version

min_version("9.20")

if not workflow.overwrite_configfiles:

    configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/translation.smk"
include: "workflow/rules/branches.smk"
include: "workflow/rules/lakm.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/distillation.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/sweep.smk"
include: "workflow/rules/analysis.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/report.smk"


localrules:
    all,
    help,
    fetch,
    teachers,
    students,
    scores,


rule all:
    default_target: True
    input:
        "<results>/tables/summary.txt",
        "<results>/report.html",


rule help:
    """What can be made, and how, on one screen."""
    message:
        "what can be made, and how"
    shell:
        "cat workflow/help.txt"


rule fetch:
    """Everything that comes over the network: published files and checkpoints."""
    input:
        PUBLISHED_FILES,
        HUB_CHECKPOINTS,


rule teachers:
    input:
        [model(system, seed) for system, seed in TEACHER_RUNS],


rule students:
    input:
        [model(system, seed) for system in STUDENTS for seed in CONFIG.seeds_of(system)],


rule scores:
    input:
        SCORE_FILES,


for number in TABLES:

    rule:
        name:
            f"table{number}"
        input:
            expand("<results>/tables/table{n}.{form}", n=number, form=["csv", "md", "tex"]),
        localrule: True


onstart:
    preflight()
    record_codes(workflow.basedir, RESULTS)


onsuccess:
    show_summary()
