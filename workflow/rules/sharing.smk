# For users of a finished system: the confidence of its answers, and its model card.


if DEV_CELLS:

    rule calibrate_confidence:
        """The temperature that calibrates a system's confidence, on dev data."""
        input:
            model=ancient("<results>/systems/{system}/seed-{seed}/model"),
            trained="<results>/systems/{system}/seed-{seed}/manifest.json",
            dataset=[benchmark_file(*cell) for cell in DEV_CELLS],
        output:
            calibration="<results>/systems/{system}/seed-{seed}/calibration.json",
        log:
            "<logs>/calibrate/{system}.seed-{seed}.log",
        benchmark:
            "<benchmarks>/calibrate/{system}.seed-{seed}.tsv"
        conda:
            "../../environment.yml"
        threads: CONFIG.device.threads
        resources:
            mem_mb=scaled_by_attempt(16_000),
            runtime=scaled_by_attempt(120),
            gpu=GPUS,
            device=CONFIG.device.kind,  # not a param: changing it reruns nothing
        params:
            name=".".join(DEV_CELLS[0]),
            metric=CONFIG.benchmarks[DEV_CELLS[0][0]].metric,
            language=SOURCE,
            code=code_of("calibrate_confidence.py"),
        message:
            "calibrate the confidence of {wildcards.system} (seed {wildcards.seed}) on dev data"
        shell:
            "stage calibrate_confidence.py --model {input.model:q} --dataset {input.dataset:q}"
            " --metric {params.metric} --language {params.language} --name {params.name}"
            " --device {resources.device} --target {output.calibration:q} --code {params.code}"
            " > {log:q} 2>&1"

    rule plot_calibration:
        """Difference between the students' confidence and their share of correct answers."""
        input:
            CALIBRATED,
        output:
            figure=report(
                "<results>/figures/calibration.svg",
                caption="../report/calibration.rst",
                category="Figures",
                labels={"figure": "confidence and right answers"},
            ),
            markdown="<results>/tables/calibration.md",
        log:
            "<logs>/plot_calibration.log",
        benchmark:
            "<benchmarks>/plot_calibration.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(2_000),
            runtime=scaled_by_attempt(30),
        params:
            code=code_of("plot_calibration.py"),
        message:
            "how far the students' confidence is from the share of right answers"
        shell:
            "stage plot_calibration.py --calibrations {input:q} --figure {output.figure:q}"
            " --markdown {output.markdown:q} > {log:q} 2>&1"


rule write_model_card:
    """README.md of a system: description, licences, scores, how to load it."""
    input:
        model=ancient("<results>/systems/{system}/seed-{seed}/model"),
        trained="<results>/systems/{system}/seed-{seed}/manifest.json",
        questions="<results>/systems/{system}/seed-{seed}/scores/questions.parquet",
        calibration=calibration_of,
    output:
        card="<results>/systems/{system}/seed-{seed}/README.md",
    log:
        "<logs>/card/{system}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/card/{system}.seed-{seed}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4_000),
        runtime=scaled_by_attempt(30),
    params:
        about=card_settings,
        code=code_of("write_model_card.py"),
    message:
        "model card of {wildcards.system} (seed {wildcards.seed})"
    shell:
        "stage write_model_card.py --about {params.about:q} --model {input.model:q}"
        " --trained {input.trained:q} --questions {input.questions:q}"
        " --calibration {input.calibration:q}"
        " --target {output.card:q} --code {params.code} > {log:q} 2>&1"
