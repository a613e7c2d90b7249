"""`cession`: the command line. Each command only reads its options and hands over.

Modules are imported where they are used, so that `cession invoice` does not wait for a chain's
libraries and `cession version` for none.
"""

from __future__ import annotations

import datetime
import enum
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

# Typer brings its own copy of click, and does not export the base of its refusals.
from typer._click.exceptions import NoArgsIsHelpError, UsageError

from app import __version__

application = typer.Typer(
    name="cession",
    help="A financing ledger: confirmed receivables as divisible claims on an EVM chain.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
errors = Console(stderr=True)
valuation = typer.Typer(
    help="What goods are worth: the rules, put to the test of past sales and prices.",
    no_args_is_help=True,
)
application.add_typer(valuation, name="valuation")
chain = typer.Typer(help="Which chain the gateway is on.", no_args_is_help=True)
stock = typer.Typer(help="Movements of stored goods.", no_args_is_help=True)
application.add_typer(stock, name="stock")
keys = typer.Typer(
    help="Officials' API keys, and changes of the store's secrets.", no_args_is_help=True
)
application.add_typer(keys, name="keys")
keystores = typer.Typer(help="Encrypted JSON keys of accounts.", no_args_is_help=True)
application.add_typer(keystores, name="keystore")
application.add_typer(chain, name="chain")


class Engine(enum.StrEnum):
    """A chain for one machine, started as a child process."""

    anvil = "anvil"
    ganache = "ganache"


EngineOption = Annotated[Engine, typer.Option(help="Chain to start as a child process.")]
RpcOption = Annotated[
    str | None, typer.Option("--rpc", help="Use this EVM network (URL) instead of starting one.")
]

DataFolderOption = Annotated[
    Path | None,
    typer.Option(help="The store of `cession serve --data-folder`; else CESSION_DATABASE_URL."),
]


@application.command()
def demo(
    engine: EngineOption = Engine.anvil,
    rpc: RpcOption = None,
    serve_after: Annotated[
        bool, typer.Option("--serve", help="Stay up afterwards, with a key for every role.")
    ] = False,
    story: Annotated[
        str, typer.Option(help="main, or a product of the catalogue (`--story list` names them).")
    ] = "main",
    every: Annotated[bool, typer.Option("--all", help="All stories, one after another.")] = False,
) -> None:
    """Tells stories on a real chain, and checks every balance at the end to the cent."""
    from app.demo.run import story_names, tell

    names = story_names()
    if story == "list":
        typer.echo("\n".join(names))
        return
    if story not in names:
        raise typer.BadParameter(f"take one of {', '.join(names)}", param_hint="--story")
    stories = names if every else [story]
    raise typer.Exit(
        tell(engine=engine.value, rpc_url=rpc, serve_after=serve_after, stories=stories)
    )


@application.command()
def serve(
    engine: EngineOption = Engine.anvil,
    rpc: RpcOption = None,
    port: Annotated[
        int, typer.Option(help="Port on 127.0.0.1; 0: any free one.", min=0, max=65_535)
    ] = 0,
    data_folder: Annotated[
        Path | None, typer.Option(help="Keeps chain and database here; else both end with it.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Writes address, contracts and API keys here once ready.")
    ] = None,
) -> None:
    """Runs the gateway on an embedded chain with the demo's parties, until interrupted."""
    from app.demo.serve import serve_until_told

    raise typer.Exit(
        serve_until_told(
            engine=engine.value, rpc_url=rpc, port=port, data_folder=data_folder, write=write
        )
    )


@application.command()
def doctor() -> None:
    """Says what is here and what is missing, each with what to do; changes nothing."""
    from app.commands.doctor import examine

    raise typer.Exit(examine())


@application.command()
def gateway(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65_535)] = 8080,
) -> None:
    """Runs the gateway on a network where the contracts stand; settings from CESSION_…"""
    from app.network import run_gateway

    raise typer.Exit(run_gateway(host=host, port=port))


RoleArgument = Annotated[str, typer.Argument(help="registrar, cash-issuer, regulator, auditor, …")]
LabelOption = Annotated[str, typer.Option(help="Names its holder in logs.")]
RoleKeystoreOption = Annotated[
    Path | None, typer.Option(help="Encrypted JSON key that holds the role on the ledger.")
]
PasswordFileOption = Annotated[Path | None, typer.Option(help="Opens the keystore.")]
UntilOption = Annotated[
    datetime.datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Last day (UTC) on which the key is good."),
]
AccountOption = Annotated[
    str | None,
    typer.Option(help="Instead of a keystore: its address, where it signs with its own wallet."),
]
KeyArgument = Annotated[str, typer.Argument(help="Label or id, as `keys list` shows them.")]


@application.command()
def key(
    role: RoleArgument,
    label: LabelOption,
    keystore: RoleKeystoreOption = None,
    password_file: PasswordFileOption = None,
    until: UntilOption = None,
    account: AccountOption = None,
) -> None:
    """Makes an API key for an official role, and prints it this once (as `keys add`)."""
    keys_add(role, label, keystore, password_file, until, account)


@keys.command("add")
def keys_add(
    role: RoleArgument,
    label: LabelOption,
    keystore: RoleKeystoreOption = None,
    password_file: PasswordFileOption = None,
    until: UntilOption = None,
    account: AccountOption = None,
) -> None:
    """Makes an API key for an official role, and prints it this once."""
    from app.commands.keys import add

    raise typer.Exit(
        add(
            role=role,
            label=label,
            keystore=keystore,
            password_file=password_file,
            until=until,
            account=account,
        )
    )


@keys.command("check")
def keys_check() -> None:
    """Reads an API key from standard input and tells whose it is, and whether it opens
    something."""
    from app.commands.keys import check

    raise typer.Exit(check(key=sys.stdin.read()))


@keystores.command("new")
def keystore_new(
    file: Annotated[Path, typer.Argument(help="To be written; there must be none yet.")],
    password_file: Annotated[Path, typer.Option(help="Will open the keystore.")],
    scrypt_cost: Annotated[int, typer.Option(help="A power of two; geth's is 262144.")] = 262_144,
) -> None:
    """Makes the key of a new account: encrypted JSON in FILE; prints its address."""
    from app.commands.keys import new_keystore

    raise typer.Exit(new_keystore(file=file, password_file=password_file, cost=scrypt_cost))


@keys.command("list")
def keys_list() -> None:
    """Shows officials' keys: id, state, roles, label and account; never a key itself."""
    from app.commands.keys import list_all

    raise typer.Exit(list_all())


@keys.command("expire")
def keys_expire(
    key: KeyArgument,
    until: Annotated[
        datetime.datetime,
        typer.Option(formats=["%Y-%m-%d"], help="Last day (UTC) on which the key is good."),
    ],
) -> None:
    """Lets an official's keys end after a day."""
    from app.commands.keys import expire

    raise typer.Exit(expire(key=key, until=until))


@keys.command("revoke")
def keys_revoke(key: KeyArgument) -> None:
    """Ends an official's keys at once; a running gateway forgets them within five seconds."""
    from app.commands.keys import revoke

    raise typer.Exit(revoke(key=key))


@keys.command("ledger")
def keys_ledger(
    file: Annotated[Path, typer.Argument(help="Holds the key, or will.")],
) -> None:
    """Tells the hash of the ledger's key in FILE for a deployment plan; makes the key if none is
    there."""
    from app.commands.keys import ledger

    raise typer.Exit(ledger(file=file))


@keys.command("rotate")
def keys_rotate() -> None:
    """Seals and encrypts everything anew after a change of master key or keystore password."""
    from app.commands.keys import rotate

    raise typer.Exit(rotate())


@application.command()
def products(
    action: Annotated[
        str, typer.Argument(help="diff, apply (adds and proposes), approve (the second person)")
    ],
    file: Annotated[Path, typer.Option(help="The catalogue.")] = Path("products.yaml"),
    keystore: Annotated[
        Path | None, typer.Option(help="Encrypted JSON key of an operator.")
    ] = None,
    password_file: Annotated[Path | None, typer.Option(help="Opens the keystore.")] = None,
) -> None:
    """Brings the ledger's catalogue to what the file says; two operators change a live row."""
    from app.network import change_catalogue

    if action not in ("diff", "apply", "approve"):
        raise typer.BadParameter("take diff, apply or approve", param_hint="ACTION")
    raise typer.Exit(
        change_catalogue(action=action, file=file, keystore=keystore, password_file=password_file)
    )


@application.command()
def incident(
    action: Annotated[
        str, typer.Argument(help="stop (one official), resume (two), status (anyone)")
    ],
    reason: Annotated[
        str | None, typer.Option(help="What was found; its hash goes on the ledger.")
    ] = None,
    keystore: Annotated[
        Path | None, typer.Option(help="Encrypted JSON key of an operator or a regulator.")
    ] = None,
    password_file: Annotated[Path | None, typer.Option(help="Opens the keystore.")] = None,
) -> None:
    """Stops new risk at once when a fault is found; two officials resume it."""
    from app.network import incident as act

    if action not in ("stop", "resume", "status"):
        raise typer.BadParameter("take stop, resume or status", param_hint="ACTION")
    if action == "stop" and not reason:
        raise typer.BadParameter("give --reason TEXT", param_hint="--reason")
    raise typer.Exit(
        act(action=action, reason=reason, keystore=keystore, password_file=password_file)
    )


@application.command()
def approvals(
    action: Annotated[str, typer.Argument(help="list, revoke")],
    party: Annotated[str | None, typer.Option(help="Of this party (id) only.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Of all parties.")] = False,
    contract: Annotated[
        str | None, typer.Option(help="For this contract of the ledger only, e.g. Facilities.")
    ] = None,
) -> None:
    """Shows the approvals that stand on the chain, or takes back those given by this gateway."""
    from app.network import approvals as act

    if action not in ("list", "revoke"):
        raise typer.BadParameter("take list or revoke", param_hint="ACTION")
    if action == "revoke" and every == (party is not None):
        raise typer.BadParameter("give either --party ID or --all", param_hint="--party")
    raise typer.Exit(act(action=action, party_id=party, contract=contract))


@application.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Written here; must not be there yet.")],
    data_folder: DataFolderOption = None,
) -> None:
    """Writes a backup of the store while the gateway runs."""
    from app.recovery.commands import backup as act

    raise typer.Exit(act(file=file, data_folder=data_folder))


@application.command()
def restore(
    file: Annotated[
        Path | None, typer.Argument(help="What `cession backup` wrote.", show_default=False)
    ] = None,
    data_folder: DataFolderOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="The store that is there may go.")
    ] = False,
    then_reconcile: Annotated[
        bool, typer.Option("--reconcile", help="As `cession reconcile`, afterwards or by itself.")
    ] = False,
    engine: EngineOption = Engine.anvil,
    rpc: RpcOption = None,
) -> None:
    """Lays a backup back; until it is reconciled, the gateway accepts and sends nothing."""
    from app.recovery.commands import reconcile_store
    from app.recovery.commands import restore as act

    if file is None and not then_reconcile:
        raise typer.BadParameter("give a backup's file", param_hint="FILE")
    code = 0 if file is None else act(file=file, data_folder=data_folder, replace=replace)
    if code == 0 and then_reconcile:
        code = reconcile_store(
            release=False, data_folder=data_folder, engine=engine.value, rpc_url=rpc, report=None
        )
    raise typer.Exit(code)


@application.command()
def reconcile(
    accept: Annotated[
        bool, typer.Option("--accept", help="Releases the store: what is missing is dealt with.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Writes all that is missing here, as JSON.")
    ] = None,
    data_folder: DataFolderOption = None,
    engine: EngineOption = Engine.anvil,
    rpc: RpcOption = None,
) -> None:
    """Compares a restored store with the chain, and names what is missing since the backup."""
    from app.recovery.commands import reconcile_store as act

    raise typer.Exit(
        act(
            release=accept,
            data_folder=data_folder,
            engine=engine.value,
            rpc_url=rpc,
            report=report,
        )
    )


@application.command()
def deploy(
    verify: Annotated[
        bool, typer.Option("--verify", help="Prove what stands there; deploy nothing.")
    ] = False,
    rpc: Annotated[
        str, typer.Option("--rpc-url", "--rpc", help="The EVM network (URL).")
    ] = "http://127.0.0.1:8545",
    keystore: Annotated[
        Path | None, typer.Option(help="Encrypted JSON key of the account that pays.")
    ] = None,
    password_file: Annotated[Path | None, typer.Option(help="Opens the keystore.")] = None,
    plan: Annotated[
        Path | None, typer.Option(help="Who holds which role, and the ledger's settings: JSON.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="Deployment record; else deployments/<chainId>.json.")
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option(help="Products to begin with; else the project's products.yaml.")
    ] = None,
) -> None:
    """Puts the contracts on a network, once, or proves that it holds what was compiled."""
    from app.chain.deployment.catalogue import CATALOGUE
    from app.commands.deploy import deploy_command

    raise typer.Exit(
        deploy_command(
            rpc_url=rpc,
            verify_only=verify,
            keystore=keystore,
            password_file=password_file,
            plan_file=plan,
            record=record,
            catalogue=catalogue or CATALOGUE,
        )
    )


@application.command()
def invoice(
    file: Annotated[
        Path, typer.Argument(help="UBL, CII, Factur-X PDF, Chinese invoice (XML, OFD), or JSON.")
    ],
) -> None:
    """Reads an invoice or credit note and prints what it says as JSON."""
    from app.trade.documents.command import print_invoice

    raise typer.Exit(print_invoice(file))


@stock.command("check")
def stock_check(
    file: Annotated[Path, typer.Argument(help="CSV, or GS1 EPCIS 2.0 as JSON.")],
) -> None:
    """Reads a movement file and names every line that does not hold; nothing is sent."""
    from app.goods.stock.command import check_file

    raise typer.Exit(check_file(file))


FolderOption = Annotated[Path, typer.Option(help="Tables and plots are written here.")]
PartsOption = Annotated[int, typer.Option(min=0, max=999_999, help="Parts per million.")]


@valuation.command("back-test")
def valuation_back_test(
    file: Annotated[Path, typer.Argument(help="A retailer's sales lines: CSV, may be gzipped.")],
    folder: FolderOption = Path("build/valuation"),
    currency: Annotated[str, typer.Option(help="Of the file's prices.")] = "GBP",
    count: Annotated[int, typer.Option(min=1, help="Best sellers of each month.")] = 500,
    cover_days: Annotated[int, typer.Option(min=1, max=9_999, help="Size of a lot.")] = 60,
    horizon_days: Annotated[int, typer.Option(min=1, max=9_999, help="Days to sell in.")] = 90,
    floor: PartsOption = 250_000,
    costs: PartsOption = 50_000,
    annual_rate: PartsOption = 72_000,
) -> None:
    """Lends on each month's best sellers, sells them as they sold, and says what was lost."""
    from app.domain.valuation.lots import SellingTerms
    from app.domain.valuation.studies.command import run_back_test

    terms = SellingTerms(
        cover_days=cover_days,
        horizon_days=horizon_days,
        floor=floor,
        costs=costs,
        annual_rate=annual_rate,
    )
    raise typer.Exit(
        run_back_test(file, folder=folder, currency=currency, count=count, terms=terms)
    )


@valuation.command("replay")
def valuation_replay(
    file: Annotated[Path, typer.Argument(help="Monthly prices of commodities: CSV or gzipped.")],
    folder: FolderOption = Path("build/valuation"),
    call_level: PartsOption = 950_000,
    liquidation_level: PartsOption = 850_000,
    cure_days: Annotated[int, typer.Option(min=0, max=25, help="To cure a call.")] = 5,
    slippage: PartsOption = 100_000,
    annual_rate: PartsOption = 72_000,
) -> None:
    """Replays 2008 and 2014 to 2016: every call, cure, liquidation and loss."""
    from app.domain.valuation.margin import MarginTerms
    from app.domain.valuation.studies.command import run_replay

    terms = MarginTerms(
        call_level=call_level,
        liquidation_level=liquidation_level,
        cure_days=cure_days,
        slippage=slippage,
        annual_rate=annual_rate,
    )
    raise typer.Exit(run_replay(file, folder=folder, terms=terms))


@chain.command("status")
def chain_status() -> None:
    """Prints the chain's identity, where the index stands, and what each node shows."""
    from app.commands.chain import chain_status

    raise typer.Exit(chain_status())


@chain.command("accept")
def chain_accept(
    block_hash: Annotated[str, typer.Argument(help="The block that the log or /readyz names.")],
) -> None:
    """Lets the index follow the nodes below what was final, once the network agreed on it."""
    from app.commands.chain import chain_accept

    raise typer.Exit(chain_accept(block_hash))


@application.command()
def version() -> None:
    """Prints the version."""
    typer.echo(__version__)


def main() -> int:
    """Entry point. What is wrong with the words of a command is one line, and exit status 2; an
    interrupt is no error."""
    try:
        status = application(standalone_mode=False, prog_name="cession")
    except NoArgsIsHelpError as error:
        error.show()
        return 2
    except UsageError as error:
        name = error.ctx.command_path if error.ctx is not None else "cession"
        words = " ".join(error.format_message().split())
        print(f"{name}: {words} See `{name} --help`.", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return status if isinstance(status, int) else 0


if __name__ == "__main__":
    sys.exit(main())
