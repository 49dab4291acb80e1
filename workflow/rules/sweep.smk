# `snakemake sweep`: one student in many settings, scored on dev data alone. The rules are those of
# the tables' systems; a point of the grid takes the place of a system.

SWEEP = CONFIG.sweep.points() if CONFIG.sweep else {}
SWEEP_CELLS = CONFIG.sweep_cells()
SWEPT = "<results>/sweep/{system}/seed-{seed}"


if CONFIG.sweep:
    SWEPT_STUDENT = CONFIG.systems[CONFIG.sweep.student].distil
    SWEEP_SEEDS = CONFIG.seeds_of(CONFIG.sweep.student)
    SWEEP_SPLIT = (CONFIG.sweep.benchmark, CONFIG.sweep.split)

    use rule distil as sweep_distil with:
        input:
            windows=windows_of([SWEPT_STUDENT.on]),
            logits=lambda wildcards: teacher_logits(CONFIG.sweep.student, wildcards.seed),
            backbone=checkpoint(CONFIG.backbone),
        output:
            model=directory(f"{SWEPT}/model"),
            metrics=f"{SWEPT}/metrics.jsonl",
            manifest=f"{SWEPT}/manifest.json",
        log:
            "<logs>/sweep/distil/{system}.seed-{seed}.log",
        benchmark:
            "<benchmarks>/sweep/distil/{system}.seed-{seed}.tsv"
        wildcard_constraints:
            system=one_of(SWEEP),
        params:
            training=optimisation,
            distillation=lambda wildcards: json.dumps(SWEEP[wildcards.system]),
            backbone=identity(CONFIG.backbone),
            code=code("distil.py"),
        message:
            "sweep: distil {wildcards.system} (seed {wildcards.seed})"

    use rule predict as sweep_predict with:
        input:
            model=ancient(f"{SWEPT}/model"),
            trained=f"{SWEPT}/manifest.json",
            windows="<results>/windows/benchmarks/{}.{}.arrow".format(*SWEEP_SPLIT),
            files=[CONFIG.benchmark_file(*cell) for cell in SWEEP_CELLS],
        output:
            predictions=of_cells(f"{SWEPT}/predictions/<cell>.json", SWEEP_CELLS),
            manifest=f"{SWEPT}/predictions.manifest.json",
        log:
            "<logs>/sweep/predict/{system}.seed-{seed}.log",
        benchmark:
            "<benchmarks>/sweep/predict/{system}.seed-{seed}.tsv"
        wildcard_constraints:
            system=one_of(SWEEP),
        params:
            benchmarks=json.dumps([SWEEP_SPLIT]),
            decoding=settings(CONFIG.decoding),
            code=code("predict.py"),
        message:
            "sweep: {wildcards.system} (seed {wildcards.seed}) answers the dev questions"

    use rule score as sweep_score with:
        input:
            predictions=of_cells(f"{SWEPT}/predictions/<cell>.json", SWEEP_CELLS),
            files=[CONFIG.benchmark_file(*cell) for cell in SWEEP_CELLS],
        output:
            scores=of_cells(f"{SWEPT}/scores/<cell>.json", SWEEP_CELLS),
            questions=f"{SWEPT}/scores/questions.parquet",
        log:
            "<logs>/sweep/score/{system}.seed-{seed}.log",
        benchmark:
            "<benchmarks>/sweep/score/{system}.seed-{seed}.tsv"
        wildcard_constraints:
            system=one_of(SWEEP),
        message:
            "sweep: score {wildcards.system} (seed {wildcards.seed})"

    rule sweep_table:
        """Dev scores of every point of the grid, the best in the source language first."""
        input:
            [
                path.format(system=point, seed=seed)
                for point in SWEEP
                for seed in SWEEP_SEEDS
                for path in of_cells(
                    f"{RESULTS}/sweep/{{system}}/seed-{{seed}}/scores/<cell>.json", SWEEP_CELLS
                )
            ],
        output:
            table="<results>/sweep/sweep.csv",
            markdown="<results>/sweep/sweep.md",
        log:
            "<logs>/sweep/table.log",
        benchmark:
            "<benchmarks>/sweep/table.tsv"
        threads: 1
        resources:
            mem_mb=growing(4_000),
            runtime=growing(30),
        params:
            points=json.dumps(SWEEP),
            source=SOURCE,
            student=CONFIG.sweep.student,
            code=code("sweep.py"),
        message:
            "sweep: which settings are best on dev data"
        shell:
            "python workflow/scripts/sweep.py --scores {input} --points {params.points:q}"
            " --source {params.source} --student {params.student} --table {output.table}"
            " --markdown {output.markdown} > {log} 2>&1"

    rule sweep:
        """Try the student in all settings of the grid, and show how they do."""
        input:
            "<results>/sweep/sweep.md",
        localrule: True
        message:
            "{input}"
        shell:
            "cat {input}"
