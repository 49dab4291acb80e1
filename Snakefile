# Figure 1 of the paper, as a workflow:
#
#   SQuAD ─ translate ─ recover answers ─ branches D_k ─ windows ─ teachers M_k ─ their logits on D
#                                                          │                            │
#                                                          └──────── students ──────────┘
#                                                                        │
#                                            predictions on MLQA and XQuAD ─ scores ─ tables ─ report
#
# snakemake --cores all                                  the paper (needs a GPU)
# snakemake --cores all --configfile config/mini.yaml    the embedded world, in minutes on a laptop
# snakemake --cores 1 help                               targets and ways to run, on one screen

from snakemake.utils import min_version

min_version("9.20")

# The files of `--configfile`, a parent's or a module's own config replace the default. A module that
# is given none takes that of the command line. The default is the paper's: the working directory's
# copy of it, which may be edited, or the workflow's own.
if workflow.overwrite_configfiles and not config:
    config.update(workflow.config_settings.overwrite_config)
elif not workflow.configfiles or not config:
    default_config = "config/config.yaml"
    if not Path(default_config).exists():
        default_config = workflow.source_path("config/config.yaml")

    configfile: default_config


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/files.smk"
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
    tables,


rule all:
    default_target: True
    input:
        "<results>/tables/summary.txt",
        "<results>/report.html",


rule help:
    params:
        text=workflow.source_path("workflow/help.txt"),
    """What can be made, and how, on one screen."""
    message:
        "what can be made, and how"
    shell:
        "cat {params.text:q}"


rule fetch:
    """Everything that comes over the network: published files and checkpoints."""
    input:
        PUBLISHED_FILES,
        HUB_CHECKPOINTS,


rule teachers:
    input:
        [model_folder(system, seed) for system, seed in TEACHER_RUNS],


rule students:
    input:
        [model_folder(system, seed) for system in STUDENTS for seed in CONFIG.seeds_of(system)],


rule scores:
    input:
        SCORE_FILES,


rule tables:
    input:
        expand("<results>/tables/table{n}.{form}", n=TABLES, form=["csv", "md", "tex"]),


for number in TABLES:

    rule:
        name:
            f"table{number}"
        input:
            expand("<results>/tables/table{n}.{form}", n=number, form=["csv", "md", "tex"]),
        localrule: True


onstart:
    check_before_start()
    record_codes(LIBRARY_ROOT, RESULTS)


onsuccess:
    show_summary()
