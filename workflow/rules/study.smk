# `snakemake noise`, `snakemake branches`, `snakemake translators`: further runs with other settings.
# Each of them is this workflow as a module, with its own results and this run's data and checkpoints.

from lbmrc.config.variants import branches_name, noise_name, variants

for variant, variant_config in variants(CONFIG).items():
    of_variant = f"{variant.replace('-', '_')}_"

    module:
        name: variant
        snakefile:
            "../Snakefile"
        config:
            variant_config

    use rule * from variant exclude generate_corpus, fetch_checkpoint, convert_wheel as of_variant*


if CONFIG.study and CONFIG.study.noise:
    # suffix of each run's folder: percent of noise
    NOISE_LEVELS = {"": 0} | {f"-{noise_name(n)}": n for n in CONFIG.study.noise.levels}

    rule analyse_noise:
        """Points that each system loses through noise in its translations."""
        input:
            scores_of_variants(NOISE_LEVELS),
        output:
            scores="<results>/tables/noise_scores.csv",
            losses="<results>/tables/noise.csv",
            markdown="<results>/tables/noise.md",
            figure="<results>/figures/noise.svg",
        log:
            "<logs>/noise.log",
        benchmark:
            "<benchmarks>/noise.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(8_000),
            runtime=scaled_by_attempt(60),
        params:
            results=results_folder,
            levels=json.dumps(NOISE_LEVELS),
            runs=json.dumps(COMPARED_RUNS),
            pairs=json.dumps(CONFIG.comparisons),
            languages=json.dumps(CONFIG.languages),
            code=code_of("analyse_noise.py"),
        message:
            "points lost with noise in translations"
        shell:
            "stage analyse_noise.py --results {params.results:q} --levels {params.levels:q}"
            " --runs {params.runs:q} --pairs {params.pairs:q} --languages {params.languages:q}"
            " --scores {output.scores:q} --losses {output.losses:q} --markdown {output.markdown:q}"
            " --figure {output.figure:q} > {log:q} 2>&1"

    rule noise:
        """Effect of noise in translations on each system."""
        input:
            "<results>/tables/noise.md",
        localrule: True
        conda:
            "../../environment.yml"
        message:
            "{input}"
        shell:
            "cat {input:q}"


if CONFIG.study and CONFIG.study.branches:
    # suffix of each run's folder: training languages, and whether all see equally many windows
    BRANCH_RUNS = {"": (CONFIG.languages, False)} | {
        f"-{branches_name(count, equal)}": (CONFIG.languages[:count], equal)
        for count in [*CONFIG.study.branches.languages, len(CONFIG.languages)]
        for equal in (False, True)
        if equal or count < len(CONFIG.languages)
    }

    rule analyse_branch_count:
        """Scores by the number of language branches."""
        input:
            scores_of_variants(BRANCH_RUNS),
        output:
            table="<results>/tables/branches.csv",
            markdown="<results>/tables/branches.md",
            figure="<results>/figures/branches.svg",
        log:
            "<logs>/branches.log",
        benchmark:
            "<benchmarks>/branches.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(8_000),
            runtime=scaled_by_attempt(60),
        params:
            results=results_folder,
            variants=json.dumps(BRANCH_RUNS),
            runs=json.dumps(COMPARED_RUNS),
            code=code_of("analyse_branch_count.py"),
        message:
            "scores by the number of language branches"
        shell:
            "stage analyse_branch_count.py --results {params.results:q}"
            " --variants {params.variants:q} --runs {params.runs:q} --table {output.table:q}"
            " --markdown {output.markdown:q} --figure {output.figure:q} > {log:q} 2>&1"

    rule branches:
        """Scores by the number of language branches, K."""
        input:
            "<results>/tables/branches.md",
        localrule: True
        conda:
            "../../environment.yml"
        message:
            "{input}"
        shell:
            "cat {input:q}"


if CONFIG.study and CONFIG.study.translators:
    # suffix of each run's folder: its name in the tables, this run's first
    TRANSLATORS = {"": CONFIG.run} | {f"-{name}": name for name in CONFIG.study.translators}

    rule analyse_translators:
        """What the choice of the translator costs each system."""
        input:
            scores_of_variants(TRANSLATORS),
        output:
            scores="<results>/tables/translator_scores.csv",
            differences="<results>/tables/translators.csv",
            markdown="<results>/tables/translators.md",
        log:
            "<logs>/translators.log",
        benchmark:
            "<benchmarks>/translators.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(8_000),
            runtime=scaled_by_attempt(60),
        params:
            results=results_folder,
            translators=json.dumps(TRANSLATORS),
            runs=json.dumps(COMPARED_RUNS),
            pairs=json.dumps(CONFIG.comparisons),
            languages=json.dumps(CONFIG.languages),
            code=code_of("analyse_translators.py"),
        message:
            "scores by translator"
        shell:
            "stage analyse_translators.py --results {params.results:q}"
            " --translators {params.translators:q} --runs {params.runs:q} --pairs {params.pairs:q}"
            " --languages {params.languages:q} --scores {output.scores:q}"
            " --differences {output.differences:q} --markdown {output.markdown:q} > {log:q} 2>&1"

    rule translators:
        """Effect of the translator on each system."""
        input:
            "<results>/tables/translators.md",
        localrule: True
        conda:
            "../../environment.yml"
        message:
            "{input}"
        shell:
            "cat {input:q}"


# students of two or more teachers: the teachers for each seed
DIVERSE_STUDENTS = {
    student: [[seed, teachers_of(student, seed)] for seed in CONFIG.seeds_of(student)]
    for student in STUDENTS
    if len(CONFIG.systems[student].distil.teacher_runs(0)) > 1
}


rule analyse_diversity:
    """How much each student's teachers differ, and whether more difference means more gain."""
    input:
        question_score_files(
            dict.fromkeys(
                [
                    (student, seed)
                    for student, seeds in DIVERSE_STUDENTS.items()
                    for seed, _ in seeds
                ]
                + [run for seeds in DIVERSE_STUDENTS.values() for _, runs in seeds for run in runs]
            )
        ),
    output:
        table="<results>/tables/diversity.csv",
        markdown="<results>/tables/diversity.md",
    log:
        "<logs>/diversity.log",
    benchmark:
        "<benchmarks>/diversity.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8_000),
        runtime=scaled_by_attempt(60),
    params:
        results=results_folder,
        students=json.dumps(DIVERSE_STUDENTS),
        code=code_of("analyse_diversity.py"),
    message:
        "how much the teachers of each student differ"
    shell:
        "stage analyse_diversity.py --systems {params.results:q}/systems"
        " --students {params.students:q} --table {output.table:q} --markdown {output.markdown:q}"
        " > {log:q} 2>&1"


rule diversity:
    """How much teachers differ, and whether students gain more where they do."""
    input:
        "<results>/tables/diversity.md",
    localrule: True
    conda:
        "../../environment.yml"
    message:
        "{input}"
    shell:
        "cat {input:q}"
